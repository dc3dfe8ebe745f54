package io.agentmanager.local.client;

import io.agentmanager.contracts.api.TrailCheckpoint;
import io.agentmanager.contracts.api.TrailEntry;
import io.agentmanager.contracts.api.TrailPage;
import io.agentmanager.contracts.api.TrailVerification;
import io.agentmanager.contracts.api.TrailVerifyRequest;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the audit trail, exports where it stands, and looks for what was done to it. */
@Command(
    name = "trail",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(list | checkpoint | verify)",
    description = "The audit trail: who did what, when and from where.")
public final class TrailCommand {
  private static final int PAGE = 1000;
  private static final Duration LONG = Duration.ofMinutes(15);
  private static final int NOT_INTACT = 1;

  @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows the entries.")
  int list(
      @Mixin ServerOptions server,
      @Option(names = "--after", description = "the number that was seen last", defaultValue = "0")
          long after,
      @Option(
              names = "--tenant",
              description = "another's, for operators; - is of callers that nobody knows")
          @Nullable String tenant)
      throws IOException, InterruptedException {
    String whose =
        tenant == null ? "" : "&tenant=" + URLEncoder.encode(tenant, StandardCharsets.UTF_8);
    Long from = after;
    while (from != null) {
      TrailPage page =
          server
              .client()
              .get("/v1/trail?limit=" + PAGE + "&after=" + from + whose, TrailPage.class);
      page.entries().forEach(TrailCommand::show);
      from = page.nextAfter();
    }
    return 0;
  }

  @Command(
      name = "checkpoint",
      mixinStandardHelpOptions = true,
      description = "Prints where the trail stands, signed: keep it where nobody rewrites it.")
  int checkpoint(@Mixin ServerOptions server) throws IOException, InterruptedException {
    System.out.println(
        server.client().get("/v1/trail/checkpoint", TrailCheckpoint.class).checkpoint());
    return 0;
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description =
          "Looks for entries that were changed, left out or cut off; ends with status 1 if it finds"
              + " any.")
  int verify(
      @Mixin ServerOptions server,
      @Option(names = "--checkpoint", description = "a file with one that was exported before")
          @Nullable Path checkpoint)
      throws IOException, InterruptedException {
    String given = checkpoint == null ? null : Files.readString(checkpoint).strip();
    TrailVerification found =
        server
            .client()
            .post(
                "/v1/trail/verify",
                WireJson.mapper().writeValueAsBytes(new TrailVerifyRequest(given)),
                TrailVerification.class,
                LONG);
    System.out.printf(
        "%d entries, compared with %d heads: %s%n",
        found.entries(), found.heads(), found.intact() ? "intact" : "NOT INTACT");
    for (TrailVerification.Fault fault : found.faults()) {
      System.out.printf(
          "  %s %d: %s. %s%n", fault.tenant(), fault.seq(), fault.kind(), fault.detail());
    }
    return found.intact() ? 0 : NOT_INTACT;
  }

  private static void show(TrailEntry entry) {
    System.out.printf(
        "%6d  %s  %-24s  %-20s  %-38s  %d%s  %s%n",
        entry.seq(),
        entry.at(),
        Objects.requireNonNullElse(entry.actor(), "-"),
        entry.action(),
        Objects.requireNonNullElse(entry.object(), "-"),
        entry.status(),
        entry.count() > 1 ? " x" + entry.count() : "",
        entry.origin());
  }
}
