package io.agentmanager.local;

import io.agentmanager.local.stack.Secrets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Makes the secrets of an installation and prints them as environment variables. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description = "Makes the secrets that the services of an installation need, and prints them.")
final class KeysCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    Secrets made = Secrets.make();
    System.out.println("INTERNAL_TOKEN_SECRET=" + made.internal());
    System.out.println("TRAIL_KEYS=" + made.trailKeys());
    System.out.println("TRAIL_SIGNING_KEY='" + made.trailSigningKey() + "'");
    return 0;
  }
}
