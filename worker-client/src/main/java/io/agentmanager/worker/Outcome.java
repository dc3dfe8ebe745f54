package io.agentmanager.worker;

import io.agentmanager.contracts.api.Artefact;
import java.util.List;

/** How an attempt ended. */
public sealed interface Outcome {

  /**
   * It came to a result.
   *
   * @param result at most 1 MiB together with what else is sent
   * @param artefacts what was made besides
   */
  record Completed(String result, List<Artefact> artefacts) implements Outcome {
    /** Refuses null, which is no result. */
    public Completed {
      if (result == null) {
        throw new IllegalArgumentException(
            "a step that completes needs a result: \"\" where there is nothing to say");
      }
    }
  }

  /**
   * It did not.
   *
   * @param type a stable short name of the reason
   * @param message for a person who looks at the step
   * @param retryable whether another attempt may help
   * @param artefacts what was made all the same
   */
  record Failed(String type, String message, boolean retryable, List<Artefact> artefacts)
      implements Outcome {
    /** Exceptions often have no message: absent texts are mended. */
    public Failed {
      type = type == null || type.isBlank() ? "failed" : type;
      message = message == null ? "" : message;
    }
  }

  /**
   * A person has to decide before it goes on. The step waits without a worker; when it is approved,
   * another attempt is begun, which finds the answer in {@link StepContext#approval}.
   */
  record AwaitingApproval(Approval approval) implements Outcome {}

  /** A result. */
  static Outcome completed(String result, Artefact... artefacts) {
    return new Completed(result, List.of(artefacts));
  }

  /** A failure that another attempt may mend. */
  static Outcome failed(String type, String message, Artefact... artefacts) {
    return new Failed(type, message, true, List.of(artefacts));
  }

  /** A failure that no repetition mends. */
  static Outcome failedForGood(String type, String message, Artefact... artefacts) {
    return new Failed(type, message, false, List.of(artefacts));
  }

  /** A question for a person. */
  static Outcome awaitingApproval(Approval approval) {
    return new AwaitingApproval(approval);
  }
}
