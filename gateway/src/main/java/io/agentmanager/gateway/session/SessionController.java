package io.agentmanager.gateway.session;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResealAnswer;
import io.agentmanager.contracts.api.SessionList;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Sessions over HTTP: one's own; for administrators those of their tenant, where {@code person}
 * picks one.
 */
@RestController
class SessionController {
  private final Sessions sessions;
  private final Scheduler blocking;

  SessionController(Sessions sessions, Scheduler blocking) {
    this.sessions = sessions;
    this.blocking = blocking;
  }

  @GetMapping("/v1/sessions")
  Mono<SessionList> list(Caller caller, @RequestParam(required = false) @Nullable String person) {
    SessionStore.Whose whose =
        person == null && caller.isAdministrator()
            ? new SessionStore.Whose(caller.tenant(), null)
            : whose(caller, person);
    return Mono.fromSupplier(() -> new SessionList(sessions.list(whose))).subscribeOn(blocking);
  }

  /** All of one's own; of a tenant, nobody ends all at once by mistake. */
  @DeleteMapping("/v1/sessions")
  Mono<ResponseEntity<Void>> endAll(
      Caller caller, @RequestParam(required = false) @Nullable String person) {
    return end(whose(caller, person), null);
  }

  @DeleteMapping("/v1/sessions/{session}")
  Mono<ResponseEntity<Void>> endOne(Caller caller, @PathVariable String session) {
    return end(
        new SessionStore.Whose(caller.tenant(), caller.isAdministrator() ? null : caller.name()),
        session);
  }

  /** For operators: seals anew, with the newest key, what older ones sealed. */
  @PostMapping("/v1/encryption/rotate")
  Mono<ResealAnswer> reseal() {
    return Mono.fromSupplier(sessions::reseal).subscribeOn(blocking);
  }

  private Mono<ResponseEntity<Void>> end(SessionStore.Whose whose, @Nullable String session) {
    return Mono.<Void>fromRunnable(() -> sessions.end(whose, session))
        .subscribeOn(blocking)
        .thenReturn(ResponseEntity.noContent().build());
  }

  private static SessionStore.Whose whose(Caller caller, @Nullable String person) {
    if (person == null || person.equals(caller.name())) {
      return SessionStore.Whose.of(caller);
    }
    if (!caller.isAdministrator()) {
      throw ProblemException.of(
          ProblemType.FORBIDDEN, "Only administrators see the sessions of others.");
    }
    return new SessionStore.Whose(caller.tenant(), person);
  }
}
