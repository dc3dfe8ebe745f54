package io.agentmanager.local;

import io.agentmanager.contracts.api.ResealAnswer;
import io.agentmanager.local.client.ServerOptions;
import io.agentmanager.local.stack.Secrets;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes the secrets of an installation, and moves what is sealed to the newest of its keys. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(make | rotate)",
    description = "The secrets of an installation.")
final class KeysCommand {
  @Command(
      name = "make",
      mixinStandardHelpOptions = true,
      description = "Makes the secrets that the services need, and prints them as variables.")
  int make() {
    Secrets made = Secrets.make();
    System.out.println("INTERNAL_TOKEN_SECRET=" + made.internal());
    System.out.println("ENCRYPTION_KEYS=" + made.encryptionKeys());
    System.out.println("TRAIL_KEYS=" + made.trailKeys());
    System.out.println("TRAIL_SIGNING_KEY='" + made.trailSigningKey() + "'");
    return 0;
  }

  @Command(
      name = "rotate",
      mixinStandardHelpOptions = true,
      description =
          "Seals anew, with the newest of ENCRYPTION_KEYS, what older ones sealed; after that they"
              + " may go. Ends with status 1 if something is left.")
  int rotate(@Mixin ServerOptions server) throws IOException, InterruptedException {
    ResealAnswer answer =
        server.client().post("/v1/encryption/rotate", new byte[0], ResealAnswer.class);
    System.out.printf(
        "%d values sealed anew, %d left that no key opens; version %d seals now%n",
        answer.resealed(), answer.unreadable(), answer.keyVersion());
    return answer.unreadable() == 0 ? 0 : 1;
  }
}
