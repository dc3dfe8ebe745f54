package io.agentmanager.audit.trail;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.api.TrailCheckpoint;
import io.agentmanager.contracts.api.TrailEntry;
import io.agentmanager.contracts.api.TrailPage;
import io.agentmanager.contracts.api.TrailVerification;
import io.agentmanager.contracts.api.TrailVerifyRequest;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import io.agentmanager.http.JsonBody;
import io.agentmanager.http.ProblemException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The trail over HTTP: a tenant's for its auditors and administrators; an operator names another's
 * with {@code tenant}, and verifies all at once.
 */
@RestController
@RequestMapping("/v1/trail")
class TrailController {
  private static final int MOST = 1000;
  private static final int STANDARD = 100;
  private static final Set<String> PARAMETERS =
      Set.of("after", "limit", "actor", "action", "object", "tenant");
  private final TrailQueries queries;
  private final VerifyTrail verify;
  private final Checkpoints checkpoints;

  TrailController(TrailQueries queries, VerifyTrail verify, Checkpoints checkpoints) {
    this.queries = queries;
    this.verify = verify;
    this.checkpoints = checkpoints;
  }

  @GetMapping
  TrailPage page(Caller caller, @RequestParam MultiValueMap<String, String> query) {
    for (String name : query.keySet()) {
      if (!PARAMETERS.contains(name)) {
        throw ProblemException.invalid("/" + name, "is no parameter of this call");
      }
    }
    int limit = (int) number(query, "limit", 1, MOST, STANDARD);
    List<ChainedEntry> found =
        queries.page(
            tenant(caller, query.getFirst("tenant")),
            new TrailQueries.Filter(
                number(query, "after", 0, Long.MAX_VALUE, 0),
                text(query, "actor"),
                text(query, "action"),
                text(query, "object"),
                limit + 1));
    List<ChainedEntry> page = found.subList(0, Math.min(limit, found.size()));
    return new TrailPage(
        page.stream().map(TrailController::view).toList(),
        found.size() > limit ? page.getLast().seq() : null);
  }

  @GetMapping("/checkpoint")
  TrailCheckpoint checkpoint(
      Caller caller, @RequestParam(required = false) @Nullable String tenant) {
    Checkpoints.Statement head =
        queries
            .head(tenant(caller, tenant))
            .orElseThrow(
                () -> ProblemException.of(ProblemType.NOT_FOUND, "There is no entry yet."));
    return new TrailCheckpoint(head.seq(), checkpoints.sign(head));
  }

  @PostMapping("/verify")
  TrailVerification verify(Caller caller, @RequestBody(required = false) byte @Nullable [] body) {
    Checkpoints.Statement given =
        body == null || body.length == 0
            ? null
            : given(JsonBody.readStrict(body, TrailVerifyRequest.class));
    boolean all = isOperator(caller);
    if (given != null && !all && !given.tenant().equals(caller.tenant())) {
      throw ProblemException.invalid("/checkpoint", "is of another tenant");
    }
    try {
      return verify.verify(all ? null : caller.tenant(), given);
    } catch (KafkaException e) {
      throw ProblemException.of(
          ProblemType.UNAVAILABLE, "The published heads cannot be read now. Try again.");
    }
  }

  private Checkpoints.@Nullable Statement given(TrailVerifyRequest request) {
    return request.checkpoint() == null
        ? null
        : checkpoints
            .read(request.checkpoint())
            .orElseThrow(
                () ->
                    ProblemException.invalid(
                        "/checkpoint", "is not signed by a key that the service knows"));
  }

  private static TenantId tenant(Caller caller, @Nullable String asked) {
    if (asked == null || asked.equals(caller.tenant().value())) {
      return caller.tenant();
    }
    if (!isOperator(caller) || !TenantId.isOne(asked)) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such tenant.");
    }
    return new TenantId(asked);
  }

  private static boolean isOperator(Caller caller) {
    return caller.roles().contains(Role.OPERATOR.wireName());
  }

  private static @Nullable String text(MultiValueMap<String, String> query, String name) {
    String value = query.getFirst(name);
    if (value != null && value.indexOf('\0') >= 0) {
      throw ProblemException.invalid("/" + name, "contains U+0000");
    }
    return value;
  }

  private static long number(
      MultiValueMap<String, String> query, String name, long least, long most, long standard) {
    String value = query.getFirst(name);
    if (value == null) {
      return standard;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw ProblemException.invalid(
        "/" + name, "must be a whole number from " + least + " to " + most);
  }

  private static TrailEntry view(ChainedEntry entry) {
    var event = entry.event();
    return new TrailEntry(
        entry.seq(),
        event.at(),
        event.actor(),
        event.roles(),
        event.action(),
        event.object(),
        event.status(),
        event.count(),
        event.origin(),
        event.requestId(),
        Base64.getUrlEncoder().withoutPadding().encodeToString(entry.hash()));
  }
}
