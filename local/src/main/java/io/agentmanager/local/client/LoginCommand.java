package io.agentmanager.local.client;

import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationSuccessResponse;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Signs a person in at the identity provider whose tokens the gateway takes. */
@Command(
    name = "login",
    mixinStandardHelpOptions = true,
    description =
        "Signs you in at the gateway's identity provider, with a code that you confirm in a"
            + " browser. The other commands use it until ./am login --end.")
public final class LoginCommand implements Callable<Integer> {
  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = "--issuer",
      description = "the identity provider's issuer (else OIDC_ISSUER_URI)",
      defaultValue = "${env:OIDC_ISSUER_URI}")
  private @Nullable URI issuer;

  @Option(names = "--client", description = "as which client (am-cli)", defaultValue = "am-cli")
  private String client = "am-cli";

  @Option(names = "--end", description = "forgets the login instead")
  private boolean end;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logins logins = new Logins();
    if (end) {
      logins.forget(server.url());
      return 0;
    }
    if (issuer == null) {
      throw new IOException("Name the identity provider: --issuer, or OIDC_ISSUER_URI.");
    }
    logins.keep(
        new Provider(InstantSource.system())
            .signIn(server.url(), issuer, client, LoginCommand::show));
    System.out.println("You are signed in at " + server.url() + ".");
    return 0;
  }

  private static void show(DeviceAuthorizationSuccessResponse device) {
    URI whole = device.getVerificationURIComplete();
    System.out.printf(
        "Open %s and confirm the code %s.%n",
        whole == null ? device.getVerificationURI() : whole, device.getUserCode().getValue());
  }
}
