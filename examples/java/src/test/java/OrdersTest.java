import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** The shop with a server of its own: nothing is started beside mvn test, and each test has an account. */
class OrdersTest {
    @RegisterExtension
    static final WaxsealExtension waxseal = new WaxsealExtension("../fixtures.yaml");

    private SqsClient shop;
    private String orders;

    @BeforeEach
    void actAsTheShop() {
        shop = waxseal.as("role/shop", SqsClient.builder()).build();
        orders = shop.getQueueUrl(r -> r.queueName("orders")).queueUrl();
    }

    @Test
    void anOrderIsReceived() {
        shop.sendMessage(r -> r.queueUrl(orders).messageBody("one"));
        assertEquals("one", shop.receiveMessage(r -> r.queueUrl(orders)).messages().get(0).body());
    }

    @Test
    void anOrderIsForgottenAfterFourDays() {
        shop.sendMessage(r -> r.queueUrl(orders).messageBody("two"));
        waxseal.advance(Duration.ofDays(4));
        assertTrue(shop.receiveMessage(r -> r.queueUrl(orders)).messages().isEmpty());
    }

    @Test
    void theShopDoesNotPurge() {
        var denied = assertThrows(SqsException.class, () -> shop.purgeQueue(r -> r.queueUrl(orders)));
        var why = waxseal.explain(denied);
        assertTrue(why.contains("because no identity-based policy allows the sqs:PurgeQueue action"), why);
    }
}
