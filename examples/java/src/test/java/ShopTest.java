import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** The shop, written as for real AWS: endpoint, region and credentials are those of the environment. */
class ShopTest {
    private final SqsClient sqs = SqsClient.create();

    private String url(String queue) {
        return sqs.getQueueUrl(r -> r.queueName(queue)).queueUrl();
    }

    /** Asks waxseal what AWS would not tell. */
    private static String control(String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(System.getenv("AWS_ENDPOINT_URL") + "/_waxseal/" + path)).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    @Test
    void theShopMayNotSendToPayroll() throws Exception {
        var payroll = url("payroll");
        var denied = assertThrows(SqsException.class, () -> sqs.sendMessage(r -> r.queueUrl(payroll).messageBody("a rise for all")));
        assertEquals("KMS.AccessDeniedException", denied.awsErrorDetails().errorCode());

        // Its own policy allows the call to the queue; it is the key's policy that leaves it out.
        var why = control("decisions?decision=Deny&request-id=" + denied.requestId());
        assertTrue(why.contains("\"action\":\"kms:GenerateDataKey\""), why);
        assertTrue(why.contains("because no resource-based policy allows the kms:GenerateDataKey action"), why);
        assertTrue(why.contains("\"sid\":\"OnlyPayroll\""), why);
    }

    @Test
    void anOrderIsReadableByTheShopAndNotOnTheDisk() throws Exception {
        var orders = url("orders");
        sqs.sendMessage(r -> r.queueUrl(orders).messageBody("card 4111 1111 1111 1111"));

        var stored = control("at-rest/123456789012/us-east-1/orders");
        assertTrue(stored.contains("\"encryption\":\"SSE-KMS\""), stored);
        var ciphertext = Pattern.compile("\"ciphertext\":\"([^\"]+)\"").matcher(stored);
        assertTrue(ciphertext.find(), stored);
        var bytes = Base64.getDecoder().decode(ciphertext.group(1));
        assertFalse(new String(bytes, StandardCharsets.ISO_8859_1).contains("4111"));

        var received = sqs.receiveMessage(r -> r.queueUrl(orders)).messages().get(0);
        assertEquals("card 4111 1111 1111 1111", received.body());
        sqs.deleteMessage(r -> r.queueUrl(orders).receiptHandle(received.receiptHandle()));
    }
}
