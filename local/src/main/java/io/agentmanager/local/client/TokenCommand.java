package io.agentmanager.local.client;

import io.agentmanager.contracts.api.IssuedToken;
import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.api.TokenList;
import io.agentmanager.contracts.api.TokenRequest;
import io.agentmanager.contracts.api.TokenRotation;
import io.agentmanager.contracts.api.TokenView;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes, lists, rotates and revokes API tokens. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(create | list | rotate | revoke)",
    description = "API tokens for workers and pipelines.")
public final class TokenCommand {
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Makes a token, and prints its secret: alone on standard output, shown once.")
  int create(
      @Mixin ServerOptions server,
      @Parameters(paramLabel = "NAME", description = "unique in its tenant") String name,
      @Option(
              names = "--role",
              required = true,
              description = "submitter, worker, auditor or admin; repeatable")
          List<Role> roles,
      @Option(
              names = "--capability",
              description = "the only ones that its bearer may offer as a worker; repeatable")
          @Nullable List<String> capabilities,
      @Option(names = "--expires-in", description = "how long it is good for, such as P30D")
          @Nullable Duration life,
      @Option(names = "--tenant", description = "another's, for operators") @Nullable String tenant)
      throws IOException, InterruptedException {
    Instant end = life == null ? null : Instant.now().plus(life);
    TokenRequest request = new TokenRequest(name, tenant, roles, capabilities, end);
    show(server.client().post("/v1/tokens", json(request), IssuedToken.class));
    return 0;
  }

  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the tokens.")
  int list(@Mixin ServerOptions server) throws IOException, InterruptedException {
    for (TokenView token : server.client().get("/v1/tokens", TokenList.class).tokens()) {
      System.out.printf(
          "%s  %-12s  %-24s  %s%s%n",
          token.tokenId(), token.tenant(), token.name(), roles(token), state(token));
    }
    return 0;
  }

  @Command(
      name = "rotate",
      mixinStandardHelpOptions = true,
      description = "Gives a token a new secret, and prints that.")
  int rotate(
      @Mixin ServerOptions server,
      @Parameters(paramLabel = "ID", description = "the token, as list shows it") String id,
      @Option(
              names = "--grace",
              description = "how long the secret before is still taken, such as PT0S (PT1H)")
          @Nullable Duration grace)
      throws IOException, InterruptedException {
    byte[] body = json(new TokenRotation(grace));
    show(server.client().post("/v1/tokens/" + id + "/rotate", body, IssuedToken.class));
    return 0;
  }

  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Ends a token; no gateway takes it five seconds later.")
  int revoke(
      @Mixin ServerOptions server,
      @Parameters(paramLabel = "ID", description = "the token, as list shows it") String id)
      throws IOException, InterruptedException {
    server.client().delete("/v1/tokens/" + id);
    System.err.println(id + " is revoked");
    return 0;
  }

  private static void show(IssuedToken issued) {
    TokenView token = issued.token();
    System.err.println(token.tokenId() + "  " + token.name() + "  " + roles(token) + state(token));
    System.out.println(issued.secret());
  }

  private static String roles(TokenView token) {
    return token.roles().stream().map(Role::wireName).collect(Collectors.joining(","));
  }

  private static String state(TokenView token) {
    return (token.capabilities().isEmpty() ? "" : "  " + String.join(",", token.capabilities()))
        + (token.expiresAt() == null ? "" : "  until " + token.expiresAt())
        + (token.lastUsedAt() == null ? "  never used" : "  used " + token.lastUsedAt());
  }

  private static byte[] json(Object document) {
    return WireJson.mapper().writeValueAsBytes(document);
  }
}
