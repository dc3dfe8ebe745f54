package io.agentmanager.gateway.oidc;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.embedded.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** A real Keycloak from its distribution, with the realm of {@code deploy/keycloak}. */
final class Keycloak implements AutoCloseable {
  private static final String ADMIN = "bootstrap";
  private static final String PASSWORD = "bootstrap-password";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** The example of RFC 7636, appendix B. */
  private static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

  /** What the example's verifier proves. */
  static final String PROOF =
      "&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = FreePorts.next();
  private final Process process;

  /** Starts it in a folder where the distribution was unpacked. */
  Keycloak(Path unpacked) throws IOException {
    Path home;
    try (Stream<Path> entries = Files.list(unpacked)) {
      home =
          entries
              .filter(p -> p.getFileName().toString().startsWith("keycloak-"))
              .findFirst()
              .orElseThrow();
    }
    Path imports = Files.createDirectories(home.resolve("data/import"));
    Files.copy(
        Path.of("../deploy/keycloak/agentmanager-realm.json"),
        imports.resolve("agentmanager-realm.json"),
        StandardCopyOption.REPLACE_EXISTING);
    ProcessBuilder builder =
        new ProcessBuilder(
                "sh",
                home.resolve("bin/kc.sh").toString(),
                "start-dev",
                "--import-realm",
                "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--db=dev-mem")
            .redirectErrorStream(true)
            .redirectOutput(unpacked.resolve("keycloak.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "KC_BOOTSTRAP_ADMIN_USERNAME",
                ADMIN,
                "KC_BOOTSTRAP_ADMIN_PASSWORD",
                PASSWORD,
                "AM_WORKER_TENANT",
                "acme"));
    process = builder.start();
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .failFast("Keycloak ended; see keycloak.log", () -> !process.isAlive())
        .until(() -> status(issuer() + "/.well-known/openid-configuration") == 200);
  }

  String issuer() {
    return "http://127.0.0.1:" + port + "/realms/agentmanager";
  }

  URI tokenEndpoint() {
    return URI.create(issuer() + "/protocol/openid-connect/token");
  }

  /** A token by that grant of a realm's token endpoint; other fields as the grant needs them. */
  JsonNode token(String realm, Map<String, String> fields) throws Exception {
    return form(
        "http://127.0.0.1:" + port + "/realms/" + realm + "/protocol/openid-connect/token", fields);
  }

  /** What the authorization endpoint of the device flow answers to a client. */
  JsonNode device(String client) throws Exception {
    return form(issuer() + "/protocol/openid-connect/auth/device", Map.of("client_id", client));
  }

  /** Where the console is sent when it asks for a code without that many further parameters. */
  String authorize(String more) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(authorization(more))).build(),
            HttpResponse.BodyHandlers.ofString());
    return response.statusCode() + " " + response.headers().firstValue("Location").orElse("");
  }

  /** Signs a person in at the console, as a browser does, and returns the access token. */
  String signedIn(String name) throws Exception {
    HttpResponse<String> page =
        http.send(
            HttpRequest.newBuilder(URI.create(authorization(PROOF))).build(),
            HttpResponse.BodyHandlers.ofString());
    Matcher form = Pattern.compile("action=\"([^\"]+)\"").matcher(page.body());
    if (!form.find()) {
      throw new IllegalStateException(page.body());
    }
    // Java's cookie store keeps secure ones from plain HTTP; browsers send them to this machine.
    String cookies =
        page.headers().allValues("Set-Cookie").stream()
            .map(cookie -> cookie.split(";")[0])
            .collect(Collectors.joining("; "));
    HttpResponse<String> signedIn =
        http.send(
            HttpRequest.newBuilder(URI.create(form.group(1).replace("&amp;", "&")))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Cookie", cookies)
                .POST(HttpRequest.BodyPublishers.ofString("username=" + name + "&password=pw"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    String where =
        signedIn
            .headers()
            .firstValue("Location")
            .orElseThrow(() -> new IllegalStateException(signedIn.body()));
    return token(
            "agentmanager",
            Map.of(
                "grant_type", "authorization_code",
                "client_id", "am-console",
                "redirect_uri", "http://127.0.0.1:8080/",
                "code_verifier", VERIFIER,
                "code", where.substring(where.indexOf("code=") + 5).split("&")[0]))
        .path("access_token")
        .asString();
  }

  private String authorization(String more) {
    return issuer()
        + "/protocol/openid-connect/auth?client_id=am-console&response_type=code"
        + "&scope=openid&redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2F"
        + more;
  }

  /**
   * Makes a person, and a client by which the person's password gets a token (the realm itself has
   * none of that kind), and returns the token.
   */
  String personsToken(String name, String tenant, String role) throws Exception {
    String admin = administrator();
    admin(
        admin,
        "POST",
        "/users",
        """
        {"username":"%s","enabled":true,"email":"%s@example.org","firstName":"A","lastName":"B",
         "emailVerified":true,"attributes":{"tenant":["%s"]},
         "credentials":[{"type":"password","value":"pw","temporary":false}]}
        """
            .formatted(name, name, tenant));
    String id =
        admin(admin, "GET", "/users?exact=true&username=" + name, "").path(0).path("id").asString();
    JsonNode granted = admin(admin, "GET", "/roles/" + role, "");
    admin(admin, "POST", "/users/" + id + "/role-mappings/realm", "[" + granted + "]");
    admin(
        admin,
        "POST",
        "/clients",
        """
        {"clientId":"test-%s","publicClient":true,"directAccessGrantsEnabled":true,
         "defaultClientScopes":["agentmanager"]}
        """
            .formatted(name));
    return token(
            "agentmanager",
            Map.of(
                "grant_type",
                "password",
                "client_id",
                "test-" + name,
                "username",
                name,
                "password",
                "pw"))
        .path("access_token")
        .asString();
  }

  /** The secret that Keycloak made for the workers' client. */
  String workerSecret() throws Exception {
    String admin = administrator();
    String id =
        admin(admin, "GET", "/clients?clientId=am-worker", "").path(0).path("id").asString();
    return admin(admin, "GET", "/clients/" + id + "/client-secret", "").path("value").asString();
  }

  private String administrator() throws Exception {
    return token(
            "master",
            Map.of(
                "grant_type",
                "password",
                "client_id",
                "admin-cli",
                "username",
                ADMIN,
                "password",
                PASSWORD))
        .path("access_token")
        .asString();
  }

  private JsonNode admin(String token, String method, String path, String json) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + port + "/admin/realms/agentmanager" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(json))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IllegalStateException(path + " " + response.statusCode() + " " + response.body());
    }
    return response.body().isEmpty()
        ? WireJson.mapper().nullNode()
        : WireJson.mapper().readTree(response.body());
  }

  private JsonNode form(String url, Map<String, String> fields) throws Exception {
    String body =
        fields.entrySet().stream()
            .map(f -> f.getKey() + "=" + URLEncoder.encode(f.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return WireJson.mapper().readTree(response.body());
  }

  private int status(String url) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Override
  public void close() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    process.waitFor();
    http.close();
  }
}
