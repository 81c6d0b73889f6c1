import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** What the extension does, seen from outside: by running tests that use it. */
class WaxsealExtensionTest {
    private static Events tests(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute().testEvents();
    }

    private static Throwable failure(Events events) {
        assertEquals(1, events.failed().count());
        return events.failed().stream().map(e -> e.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow()).findFirst().orElseThrow();
    }

    static class Denied {
        @RegisterExtension
        static final WaxsealExtension waxseal = new WaxsealExtension("../fixtures.yaml");

        @Test
        void purges() {
            var shop = waxseal.as("role/shop", SqsClient.builder()).build();
            var orders = shop.getQueueUrl(r -> r.queueName("orders")).queueUrl();
            assertThrows(SqsException.class, () -> shop.purgeQueue(r -> r.queueUrl(orders)));
            assertEquals("purged", "not purged");
        }
    }

    @Test
    void aFailureCarriesTheExplanationOfWhatWasDenied() {
        var failure = failure(tests(Denied.class));
        assertTrue(failure.getMessage().contains("not purged"), failure.getMessage());
        assertEquals(1, failure.getSuppressed().length);
        var why = failure.getSuppressed()[0].getMessage();
        assertTrue(why.contains("DENIED  sqs:PurgeQueue") && why.contains("why  because no identity-based policy allows"), why);
    }

    static class Undenied {
        @RegisterExtension
        static final WaxsealExtension waxseal = new WaxsealExtension();

        @Test
        void fails() {
            assertEquals(1, 2);
        }
    }

    @Test
    void aFailureWithoutADenialIsAsItWas() {
        assertEquals(0, failure(tests(Undenied.class)).getSuppressed().length);
    }

    static class Repeated {
        @RegisterExtension
        static final WaxsealExtension waxseal = new WaxsealExtension();
        static final Set<String> accounts = new HashSet<>();

        @RepeatedTest(3)
        void findsNothing() {
            accounts.add(waxseal.account());
            var root = waxseal.as("root", SqsClient.builder()).build();
            assertTrue(root.listQueues().queueUrls().isEmpty());
            assertTrue(root.createQueue(r -> r.queueName("orders")).queueUrl().endsWith("/" + waxseal.account() + "/orders"));
        }
    }

    @Test
    void eachTestHasAnEmptyAccountOfItsOwn() {
        assertEquals(3, tests(Repeated.class).succeeded().count());
        assertEquals(3, Repeated.accounts.size());
    }

    static class Missing {
        @RegisterExtension
        static final WaxsealExtension waxseal = new WaxsealExtension("missing.yaml");

        @Test
        void isNotRun() {}
    }

    @Test
    void aServerThatDoesNotStartSaysWhy() {
        var run = EngineTestKit.engine("junit-jupiter").selectors(selectClass(Missing.class)).execute();
        assertEquals(0, run.testEvents().started().count());
        var failure = run.containerEvents().failed().stream()
            .map(e -> e.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow()).findFirst().orElseThrow();
        assertTrue(failure.getMessage().contains("waxseal does not start: missing.yaml"), failure.getMessage());
    }
}
