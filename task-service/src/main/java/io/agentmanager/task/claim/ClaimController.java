package io.agentmanager.task.claim;

import io.agentmanager.contracts.api.ClaimAnswer;
import io.agentmanager.contracts.api.ClaimRequest;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import io.agentmanager.task.worker.WorkerNames;
import io.agentmanager.task.worker.Workers;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.MethodNotAllowedException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Claims over HTTP: one with a long poll, many at once, or a named one. */
@RestController
class ClaimController {
  private static final int MOST_STEPS = 100;
  private static final int LONGEST_WAIT_SEC = 30;
  private static final int LONGEST_CLAIM_ID = 200;

  private final ClaimDesk desk;
  private final ClaimStepById byId;
  private final Workers workers;
  private final InstantSource clock;
  private final Scheduler blocking;

  ClaimController(
      ClaimDesk desk,
      ClaimStepById byId,
      Workers workers,
      InstantSource clock,
      Scheduler blocking) {
    this.desk = desk;
    this.byId = byId;
    this.workers = workers;
    this.clock = clock;
    this.blocking = blocking;
  }

  /** A claim answers with what it took; a caller that asks for headers alone would lose that. */
  @RequestMapping(path = "/v1/tasks/ready", method = RequestMethod.HEAD)
  Mono<Void> headersAlone() {
    return Mono.error(new MethodNotAllowedException(HttpMethod.HEAD, Set.of(HttpMethod.GET)));
  }

  @GetMapping("/v1/tasks/ready")
  Mono<ResponseEntity<ClaimedTask>> next(
      Caller caller,
      @RequestParam(name = "agent_id", required = false) @Nullable String agent,
      @RequestParam(name = "client_capabilities", required = false)
          @Nullable List<String> capabilities,
      @RequestParam(name = "wait", defaultValue = "0") String wait) {
    Claim claim =
        claim(caller, new ClaimRequest(agent, capabilities, 1, seconds(wait), null, null));
    return served(
            caller,
            claim,
            () -> workers.registerByTheWay(caller, claim.worker(), claim.capabilities()))
        .map(ClaimController::one);
  }

  @PostMapping("/v1/tasks/claims")
  Mono<ResponseEntity<ClaimAnswer>> many(
      Caller caller, @RequestBody(required = false) byte @Nullable [] body) {
    Claim claim = claim(caller, JsonBody.read(body, ClaimRequest.class));
    return served(caller, claim, () -> workers.seen(caller, claim.worker()))
        .map(
            tasks ->
                ResponseEntity.ok()
                    .cacheControl(CacheControl.noStore())
                    .body(new ClaimAnswer(tasks)));
  }

  @PostMapping("/v1/workflows/{id}/steps/{step}/claim")
  ClaimedTask named(
      Caller caller,
      @PathVariable String id,
      @PathVariable String step,
      @RequestBody(required = false) byte @Nullable [] body) {
    ClaimRequest request = JsonBody.read(body, ClaimRequest.class);
    Claim claim =
        claim(
            caller,
            new ClaimRequest(request.agentId(), request.clientCapabilities(), 1, 0, null, null));
    workers.registerByTheWay(caller, claim.worker(), claim.capabilities());
    return byId.claim(
        new StepKey(new WorkflowKey(caller.tenant(), new WorkflowId(id)), new StepId(step)), claim);
  }

  /**
   * The sign of life comes first, where it has not come lately; it may refuse the claim. It goes to
   * the database, what follows does not.
   */
  private Mono<List<ClaimedTask>> served(Caller caller, Claim claim, Runnable signOfLife) {
    Mono<List<ClaimedTask>> answer = Mono.defer(() -> Mono.fromFuture(desk.claim(claim)));
    return workers.wasSeenLately(caller, claim.worker())
        ? answer
        : Mono.fromRunnable(signOfLife).subscribeOn(blocking).then(answer);
  }

  private static ResponseEntity<ClaimedTask> one(List<ClaimedTask> tasks) {
    return tasks.isEmpty()
        ? ResponseEntity.noContent().cacheControl(CacheControl.noStore()).build()
        : ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(tasks.getFirst());
  }

  private static int seconds(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw ProblemException.invalid("/wait", "must be a whole number of seconds, 0 to 30");
    }
  }

  private Claim claim(Caller caller, ClaimRequest request) {
    String agent = request.agentId();
    List<String> capabilities = request.clientCapabilities();
    int max = request.max() == null ? 1 : request.max();
    int waitSec = request.waitSec() == null ? 0 : request.waitSec();
    String claimId = request.claimId();
    List<Problem.Fault> faults = new ArrayList<>();
    WorkerNames.checkName("/agent_id", agent, faults);
    WorkerNames.checkCapabilities("/client_capabilities", capabilities, faults);
    if (max < 1 || max > MOST_STEPS) {
      faults.add(new Problem.Fault("/max", "must be 1 to 100"));
    }
    if (waitSec < 0 || waitSec > LONGEST_WAIT_SEC) {
      faults.add(new Problem.Fault("/wait_sec", "must be 0 to 30"));
    }
    if (claimId != null && (claimId.isEmpty() || claimId.length() > LONGEST_CLAIM_ID)) {
      faults.add(new Problem.Fault("/claim_id", "must have 1 to 200 characters"));
    }
    if (!faults.isEmpty() || agent == null || capabilities == null) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST.faults("The claim is invalid.", faults));
    }
    caller.requireCapabilities(capabilities);
    Set<String> distinct = new TreeSet<>(capabilities);
    boolean mayHold = claimId != null && !Boolean.FALSE.equals(request.repeated());
    return new Claim(
        caller.tenant(),
        agent,
        distinct,
        max,
        clock.instant().plusSeconds(waitSec),
        claimId,
        mayHold);
  }
}
