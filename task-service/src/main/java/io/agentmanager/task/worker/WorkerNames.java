package io.agentmanager.task.worker;

import io.agentmanager.contracts.api.Problem;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The forms of worker names and capabilities. */
public final class WorkerNames {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._:@-]{1,100}");
  private static final int MOST_CAPABILITIES = 100;

  private WorkerNames() {}

  /** Adds a fault unless this is a worker's name. */
  public static void checkName(String pointer, @Nullable String name, List<Problem.Fault> faults) {
    if (name == null || !FORM.matcher(name).matches()) {
      faults.add(
          new Problem.Fault(pointer, "must have 1 to 100 characters of A-Z a-z 0-9 . _ : @ -"));
    }
  }

  /** Adds a fault unless these are 1 to 100 capabilities. */
  public static void checkCapabilities(
      String pointer, @Nullable List<String> capabilities, List<Problem.Fault> faults) {
    if (capabilities == null || capabilities.isEmpty() || capabilities.size() > MOST_CAPABILITIES) {
      faults.add(new Problem.Fault(pointer, "must name 1 to 100 capabilities"));
      return;
    }
    for (int i = 0; i < capabilities.size(); i++) {
      checkName(pointer + "/" + i, capabilities.get(i), faults);
    }
  }
}
