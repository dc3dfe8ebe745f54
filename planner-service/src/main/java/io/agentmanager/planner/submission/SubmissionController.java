package io.agentmanager.planner.submission;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.SubmissionAnswer;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import io.agentmanager.tracing.TraceParent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Goals over HTTP. */
@RestController
class SubmissionController {
  private static final int LONGEST_KEY = 255;
  private static final int LONGEST_WAIT_SEC = 30;
  private static final Pattern WAIT = Pattern.compile("(?:^|[,;\\s])wait=(\\d{1,4})(?:$|[,;\\s])");
  private final Submissions submissions;
  private final PlanningWaits waits;
  private final DailyLimit day;
  private final InstantSource clock;

  SubmissionController(
      Submissions submissions, PlanningWaits waits, DailyLimit day, InstantSource clock) {
    this.day = day;
    this.submissions = submissions;
    this.waits = waits;
    this.clock = clock;
  }

  @PostMapping("/v1/tasks")
  ResponseEntity<SubmissionAnswer> submit(
      Caller caller,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String idempotencyKey,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestHeader(name = TraceParent.HEADER, required = false) @Nullable String traceparent,
      @RequestBody(required = false) byte @Nullable [] body) {
    if (idempotencyKey != null
        && (idempotencyKey.isBlank() || idempotencyKey.length() > LONGEST_KEY)) {
      throw ProblemException.invalid("Idempotency-Key", "must have 1 to 255 characters");
    }
    String hash = hash(body == null ? new byte[0] : body);
    Optional<SubmissionStore.Stored> earlier = submissions.earlier(caller.tenant(), idempotencyKey);
    if (earlier.isPresent()) {
      return repeat(earlier.get(), hash, prefer);
    }
    TaskSubmission submission = JsonBody.readStrict(body, TaskSubmission.class);
    SubmissionRules.problem(submission, clock.instant())
        .ifPresent(
            problem -> {
              throw new ProblemException(problem);
            });
    day.requireRest(caller.tenant());
    Submissions.Taken taken =
        submissions.take(caller.tenant(), submission, idempotencyKey, hash, traceparent);
    return taken.isNew() ? answer(taken.stored(), prefer) : repeat(taken.stored(), hash, prefer);
  }

  /** The same key: the same answer for the same body, whatever the rules say of it by now. */
  private ResponseEntity<SubmissionAnswer> repeat(
      SubmissionStore.Stored stored, String hash, @Nullable String prefer) {
    if (!stored.bodyHash().equals(hash)) {
      throw ProblemException.of(
          ProblemType.IDEMPOTENCY_KEY_REUSED, "The key came with another body before.");
    }
    return answer(stored, prefer);
  }

  @GetMapping("/internal/plans/{id}")
  PlanDocument plan(Caller caller, @PathVariable String id) {
    return submissions
        .find(new WorkflowKey(caller.tenant(), new WorkflowId(id)))
        .orElseThrow(
            () -> ProblemException.of(ProblemType.NOT_FOUND, "There is no such workflow."));
  }

  /** Several at once; whatever is missing is unknown, or too large beside the others. */
  @GetMapping("/internal/plans")
  List<PlanDocument> plans(Caller caller, @RequestParam List<String> id) {
    return submissions.find(
        id.stream().map(one -> new WorkflowKey(caller.tenant(), new WorkflowId(one))).toList());
  }

  private ResponseEntity<SubmissionAnswer> answer(
      SubmissionStore.Stored stored, @Nullable String prefer) {
    PlanDocument document = stored.document();
    if (stored.explicit()) {
      return created(document);
    }
    WorkflowKey key = WorkflowKey.of(document.tenantId(), document.workflowId());
    Optional<PlanDocument> planned =
        waitSeconds(prefer)
            .flatMap(wait -> waits.await(key, wait, () -> submissions.find(key)))
            .filter(d -> d.tasks() != null);
    return planned.map(SubmissionController::created).orElseGet(() -> accepted(document));
  }

  private static Optional<Duration> waitSeconds(@Nullable String prefer) {
    if (prefer == null) {
      return Optional.empty();
    }
    Matcher wait = WAIT.matcher(prefer);
    return wait.find()
        ? Optional.of(
            Duration.ofSeconds(Math.min(LONGEST_WAIT_SEC, Integer.parseInt(wait.group(1)))))
        : Optional.empty();
  }

  private static ResponseEntity<SubmissionAnswer> created(PlanDocument document) {
    List<StepSpec> tasks = document.tasks() == null ? List.of() : document.tasks();
    return respond(
        HttpStatus.CREATED,
        document,
        WorkflowStatus.RUNNING,
        tasks.stream().map(StepSpec::orDefaults).toList());
  }

  private static ResponseEntity<SubmissionAnswer> accepted(PlanDocument document) {
    return respond(HttpStatus.ACCEPTED, document, WorkflowStatus.PLANNING, List.of());
  }

  private static ResponseEntity<SubmissionAnswer> respond(
      HttpStatus status,
      PlanDocument document,
      WorkflowStatus workflowStatus,
      List<StepSpec> tasks) {
    return ResponseEntity.status(status)
        .header("Location", "/v1/workflows/" + document.workflowId())
        .body(
            new SubmissionAnswer(
                document.workflowId(),
                workflowStatus,
                tasks.size(),
                Estimate.completion(document, tasks),
                tasks,
                document.createdAt()));
  }

  private static String hash(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
