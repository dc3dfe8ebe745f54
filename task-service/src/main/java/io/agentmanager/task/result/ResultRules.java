package io.agentmanager.task.result;

import io.agentmanager.contracts.api.Artefact;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a result must look like before anybody looks at its attempt. */
final class ResultRules {
  private static final int LARGEST_RESULT = 1024 * 1024;
  private static final int LARGEST_APPROVAL = 64 * 1024;
  private static final int MOST_ARTEFACTS = 100;
  private static final int LONGEST_NAME = 200;
  private static final int LONGEST_ERROR = 10_000;
  private static final int LONGEST_MODEL = 200;
  private static final long MOST_TOKENS = 1_000_000_000;
  private static final double HIGHEST_COST = 1_000_000;

  private ResultRules() {}

  static Optional<Problem> problem(@Nullable StepResult result) {
    if (result == null) {
      return Optional.of(ProblemType.INVALID_REQUEST.detail("A result must be an object."));
    }
    List<Problem.Fault> faults = faults(result);
    if (!faults.isEmpty()) {
      return Optional.of(ProblemType.INVALID_REQUEST.faults("The result is invalid.", faults));
    }
    return WireJson.mapper().writeValueAsBytes(result).length > LARGEST_RESULT
        ? Optional.of(
            ProblemType.TOO_LARGE.detail(
                "A result may have at most 1 MiB. Report failed with result_too_large."))
        : Optional.empty();
  }

  private static List<Problem.Fault> faults(StepResult result) {
    List<Problem.Fault> faults = new ArrayList<>();
    require("/workflow_id", result.workflowId(), faults);
    require("/step_id", result.stepId(), faults);
    require("/client_id", result.clientId(), faults);
    if (result.attempt() < 1) {
      faults.add(new Problem.Fault("/attempt", "must be 1 or more"));
    }
    if (result.status() == null) {
      faults.add(new Problem.Fault("/status", "must be completed, failed or awaiting_approval"));
    }
    if (result.status() == ResultStatus.COMPLETED
        && (result.raHistory() == null || result.raHistory().finalResult() == null)) {
      faults.add(
          new Problem.Fault("/ra_history/final_result", "is required with status completed"));
    }
    if (result.status() == ResultStatus.AWAITING_APPROVAL) {
      checkApproval(result, faults);
    }
    checkArtefacts(result.artefactList(), faults);
    if (result.status() == ResultStatus.FAILED) {
      checkError(result, faults);
    }
    Double time = result.executionTime();
    if (time != null && (time < 0 || time.isNaN() || time.isInfinite())) {
      faults.add(new Problem.Fault("/execution_time", "must be 0 or more seconds"));
    }
    if (result.raHistory() != null) {
      checkIterations("/ra_history/iterations", result.raHistory().iterationList(), faults);
    }
    return faults;
  }

  private static void checkApproval(StepResult result, List<Problem.Fault> faults) {
    if (result.approval() == null) {
      faults.add(new Problem.Fault("/approval", "is required with status awaiting_approval"));
    } else if (WireJson.mapper().writeValueAsBytes(result.approval()).length > LARGEST_APPROVAL) {
      faults.add(new Problem.Fault("/approval", "must have at most 64 KiB"));
    }
  }

  private static void checkArtefacts(List<Artefact> artefacts, List<Problem.Fault> faults) {
    if (artefacts.size() > MOST_ARTEFACTS) {
      faults.add(new Problem.Fault("/artefacts", "must hold at most 100 artefacts"));
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < artefacts.size(); i++) {
      Artefact artefact = artefacts.get(i);
      String pointer = "/artefacts/" + i;
      if (artefact == null
          || isBlank(artefact.name())
          || artefact.name().length() > LONGEST_NAME
          || !names.add(artefact.name())) {
        faults.add(
            new Problem.Fault(pointer + "/name", "must be unique and have 1 to 200 characters"));
      } else if ((artefact.content() == null) == (artefact.uri() == null)) {
        faults.add(new Problem.Fault(pointer, "must have either content or uri"));
      }
    }
  }

  private static void checkError(StepResult result, List<Problem.Fault> faults) {
    if (result.error() == null || isBlank(result.error().type())) {
      faults.add(new Problem.Fault("/error/type", "is required with status failed"));
      return;
    }
    String message = result.error().message();
    if (message != null && message.length() > LONGEST_ERROR) {
      faults.add(new Problem.Fault("/error/message", "must have at most 10000 characters"));
    }
  }

  static void checkIterations(
      String pointer, List<Iteration> iterations, List<Problem.Fault> faults) {
    for (int i = 0; i < iterations.size(); i++) {
      Iteration iteration = iterations.get(i);
      if (iteration == null || iteration.index() < 0) {
        faults.add(new Problem.Fault(pointer + "/" + i + "/index", "must be 0 or more"));
      } else {
        checkIteration(pointer + "/" + i, iteration, faults);
      }
    }
  }

  private static void checkIteration(
      String pointer, Iteration iteration, List<Problem.Fault> faults) {
    if (iteration.action() != null && isBlank(iteration.action().tool())) {
      faults.add(new Problem.Fault(pointer + "/action/tool", "is required"));
    }
    if (iteration.durationMs() != null && iteration.durationMs() < 0) {
      faults.add(new Problem.Fault(pointer + "/duration_ms", "must be 0 or more"));
    }
    Iteration.TokenUsage usage = iteration.usage();
    if (usage != null) {
      checkTokens(pointer + "/usage/input_tokens", usage.inputTokens(), faults);
      checkTokens(pointer + "/usage/output_tokens", usage.outputTokens(), faults);
      Double cost = usage.costUsd();
      if (cost != null && !(cost >= 0 && cost <= HIGHEST_COST)) {
        faults.add(new Problem.Fault(pointer + "/usage/cost_usd", "must be 0 to 1000000"));
      }
      String model = usage.model();
      if (model != null && model.length() > LONGEST_MODEL) {
        faults.add(new Problem.Fault(pointer + "/usage/model", "must have at most 200 characters"));
      }
    }
  }

  private static void checkTokens(String pointer, long tokens, List<Problem.Fault> faults) {
    if (tokens < 0 || tokens > MOST_TOKENS) {
      faults.add(new Problem.Fault(pointer, "must be 0 to 1000000000"));
    }
  }

  static void require(String pointer, @Nullable String text, List<Problem.Fault> faults) {
    if (isBlank(text)) {
      faults.add(new Problem.Fault(pointer, "is required"));
    }
  }

  private static boolean isBlank(@Nullable String text) {
    return text == null || text.isBlank();
  }
}
