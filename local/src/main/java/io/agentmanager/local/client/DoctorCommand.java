package io.agentmanager.local.client;

import io.agentmanager.contracts.api.Diagnosis;
import io.agentmanager.contracts.api.Diagnosis.Status;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints how an installation does. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Looks at what the installation depends on, and says for each fault what to do about it."
            + " Ends with status 1 if something does not work.")
public final class DoctorCommand implements Callable<Integer> {
  private static final String GATEWAY_ADVICE =
      "See that the gateway runs at this address, and that its database does, which knows the"
          + " tokens; its log says what it lacks. No more can be seen until it answers.";

  @Mixin private ServerOptions server = new ServerOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Diagnosis diagnosis = look();
    for (Diagnosis.Check check : diagnosis.checks()) {
      System.out.printf(
          "%-7s  %-15s  %-17s  %s%n",
          check.status(), check.service(), check.name(), check.detail());
      if (check.advice() != null) {
        System.out.println("         " + check.advice());
      }
    }
    return diagnosis.status() == Status.FAILING ? 1 : 0;
  }

  /** Without the gateway nothing else is seen, and that is what has to be mended first. */
  private Diagnosis look() throws IOException, InterruptedException {
    try {
      return server.client().get("/v1/diagnostics", Diagnosis.class);
    } catch (ApiClient.Unavailable e) {
      Diagnosis.Check gateway =
          new Diagnosis.Check(
              "gateway", "gateway", Status.FAILING, String.valueOf(e.getMessage()), GATEWAY_ADVICE);
      return Diagnosis.of(InstantSource.system().instant(), List.of(gateway));
    }
  }
}
