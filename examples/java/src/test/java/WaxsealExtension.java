import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.regions.Region;

/**
 * A JUnit 5 extension: a waxseal server for the tests of a class, and an account for each of
 * them, which begins with what the fixture files declare. Where a test fails, its error
 * carries the explanation of what was denied in it.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final WaxsealExtension waxseal = new WaxsealExtension("fixtures.yaml");
 * }</pre>
 *
 * The program is the one on PATH, or the one that the system property waxseal.program names.
 * Tests of one class follow each other: each begins with a reset of the server.
 */
final class WaxsealExtension implements BeforeAllCallback, BeforeEachCallback, TestExecutionExceptionHandler, AfterAllCallback {
    /** How many denials of one test are explained. */
    private static final int MOST = 5;

    private static final AtomicLong ACCOUNTS = new AtomicLong(700_000_000_000L);

    private final List<String> fixtures;
    private final HttpClient http = HttpClient.newHttpClient();
    private Process server;
    private URI endpoint;
    private Region region;
    private String account;

    WaxsealExtension(String... fixtures) {
        this.fixtures = List.of(fixtures);
    }

    /** The URL of all services. */
    URI endpoint() {
        return endpoint;
    }

    /** The account, which is the test's own. */
    String account() {
        return account;
    }

    /** The same builder, for a client that acts as the account's root user, role/NAME, user/NAME or an ARN of them. */
    <B extends AwsClientBuilder<B, ?>> B as(String principal, B builder) {
        // Asked for with each call, credentials are valid after a turn of the clock, too.
        return builder.endpointOverride(endpoint).region(region).credentialsProvider(() -> credentials(principal));
    }

    /** Turns the server's clock on. */
    void advance(Duration time) {
        control("clock", "{\"advance\":\"" + time.toNanos() + "ns\"}");
    }

    /** Why the call was denied. */
    String explain(AwsServiceException denied) {
        return explain(denied.requestId());
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        var line = new ArrayList<>(List.of(System.getProperty("waxseal.program", "waxseal"),
            "serve", "--until-eof", "--addr", "127.0.0.1:0", "--log", "warn"));
        for (var file : fixtures) {
            line.addAll(List.of("--init", file));
        }
        var said = Files.createTempFile("waxseal", ".log");
        try {
            // It ends when its standard input does, and so with this JVM, however that ends.
            var starting = new ProcessBuilder(line).redirectError(said.toFile());
            starting.environment().keySet().removeIf(name -> name.startsWith("WAXSEAL_"));
            server = starting.start();
            ready(said);
        } finally {
            Files.deleteIfExists(said);
        }
    }

    private void ready(Path said) throws IOException {
        var told = Pattern.compile("waxseal ready: (http:\\S+) .* region (\\S+)");
        var lines = server.inputReader();
        for (var text = lines.readLine(); text != null; text = lines.readLine()) {
            var found = told.matcher(text);
            if (found.matches()) {
                endpoint = URI.create(found.group(1));
                region = Region.of(found.group(2));
            }
            if (text.equals("Ready.")) {
                return;
            }
        }
        throw new IllegalStateException("waxseal does not start: " + Files.readString(said).strip());
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        account = Long.toString(ACCOUNTS.incrementAndGet());
        control("reset", "{\"account\":\"" + account + "\"}");
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        try {
            for (var denial : denials()) {
                failure.addSuppressed(new Denial(denial));
            }
        } catch (UncheckedIOException gone) {
            failure.addSuppressed(gone);
        }
        throw failure;
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        server.getOutputStream().close();
        server.waitFor();
    }

    /** What was denied in a test, as its failure shows it. */
    static final class Denial extends Exception {
        Denial(String explanation) {
            super("waxseal denied in this test:\n" + explanation, null, false, false);
        }
    }

    private List<String> denials() {
        var ids = new LinkedHashSet<String>();
        var id = Pattern.compile("\"requestId\":\"([^\"]+)\"").matcher(control("decisions?decision=Deny&limit=10000", null));
        while (id.find()) {
            ids.add(id.group(1));
        }
        var oldestFirst = new ArrayList<>(ids);
        Collections.reverse(oldestFirst);
        return oldestFirst.stream().limit(MOST).map(this::explain).toList();
    }

    private String explain(String requestId) {
        return control("explain?request-id=" + requestId, null);
    }

    private AwsCredentials credentials(String principal) {
        var arn = Pattern.compile("arn:[^:]+:iam::(\\d{12}):(.+)").matcher(principal);
        var path = arn.matches() ? arn.group(1) + "/" + arn.group(2) : account + "/" + principal;
        var answer = control("credentials/" + path.replace(" ", "%20"), null);
        var token = member("Token", answer);
        return token.isEmpty() ? AwsBasicCredentials.create(member("AccessKeyId", answer), member("SecretAccessKey", answer))
            : AwsSessionCredentials.create(member("AccessKeyId", answer), member("SecretAccessKey", answer), token);
    }

    private static String member(String name, String json) {
        var found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        return found.find() ? found.group(1) : "";
    }

    /** Asks the control API, by POST where there is a body. */
    private String control(String path, String body) {
        var request = HttpRequest.newBuilder(endpoint.resolve("/_waxseal/" + path)).timeout(Duration.ofMinutes(1));
        if (body != null) {
            request.POST(BodyPublishers.ofString(body));
        }
        try {
            var answer = http.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new IllegalArgumentException("waxseal: " + member("error", answer.body()));
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException("waxseal does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
