package io.agentmanager.gateway.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.ResealAnswer;
import io.agentmanager.contracts.api.SessionView;
import io.agentmanager.gateway.seal.SealedValues;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sessions begin with the first call that bears a token of one, and end by themselves or by hand.
 * What was looked up is remembered for three seconds, so that an end reaches every replica within
 * that.
 */
@Component
class Sessions {
  private static final Logger log = LoggerFactory.getLogger(Sessions.class);

  /** How long a session is believed that another replica may have ended. */
  static final Duration MEMORY = Duration.ofSeconds(3);

  private static final Duration GLANCE = Duration.ofSeconds(2);
  private static final Duration USE_NOTED_EVERY = Duration.ofMinutes(1);
  private static final int MOST_REMEMBERED = 10_000;
  private static final int RESEALED_AT_ONCE = 200;
  private final SessionStore store;
  private final SealedValues sealed;
  private final SessionSettings settings;
  private final TransactionTemplate transactions;
  private final InstantSource clock;
  private final Cache<Shown, Boolean> known =
      Caffeine.newBuilder().expireAfterWrite(MEMORY).maximumSize(MOST_REMEMBERED).build();
  private final Cache<Shown, Boolean> stillOpen =
      Caffeine.newBuilder().expireAfterWrite(GLANCE).maximumSize(MOST_REMEMBERED).build();

  Sessions(
      SessionStore store,
      SealedValues sealed,
      SessionSettings settings,
      TransactionTemplate transactions,
      InstantSource clock) {
    this.store = store;
    this.sealed = sealed;
    this.settings = settings;
    this.transactions = transactions;
    this.clock = clock;
  }

  /**
   * What a call shows.
   *
   * @param session the identity provider's name of the session, hashed
   * @param device the device's fingerprint
   */
  record Shown(Caller caller, String session, String device) {}

  /** Whether the session is open for that device, when that was looked up just now. */
  Optional<Boolean> remembered(Shown shown) {
    return Optional.ofNullable(known.getIfPresent(shown));
  }

  /** Whether the session is open for that device; begins one that was never seen. Blocks. */
  boolean isOpen(Shown shown, Device device) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    SessionStore.Row row = store.find(shown.session()).orElseGet(() -> begin(shown, device, now));
    boolean isOpen = isOpen(row, shown, now);
    if (isOpen && row.lastSeen().isBefore(now.minus(noted()))) {
      store.seen(row.id(), now);
    }
    known.put(shown, isOpen);
    return isOpen;
  }

  /** Whether a session that began is open, without keeping it open; looked up just now. Blocks. */
  boolean isStillOpen(Shown shown) {
    return stillOpen.get(
        shown,
        s -> {
          Instant now = clock.instant();
          return store.find(s.session()).filter(row -> isOpen(row, s, now)).isPresent();
        });
  }

  private boolean isOpen(SessionStore.Row row, Shown shown, Instant now) {
    return row.endedAt() == null
        && row.lastSeen().isAfter(now.minus(settings.idle()))
        && row.beganAt().isAfter(now.minus(settings.longest()))
        && row.device().equals(shown.device())
        && row.tenant().equals(shown.caller().tenant())
        && row.person().equals(shown.caller().name());
  }

  /** Often enough that no session that is used looks idle. */
  private Duration noted() {
    Duration part = settings.idle().dividedBy(4);
    return part.compareTo(USE_NOTED_EVERY) < 0 ? part : USE_NOTED_EVERY;
  }

  private SessionStore.Row begin(Shown shown, Device device, Instant now) {
    try {
      SessionStore.Row begun = transactions.execute(status -> beginWithin(shown, device, now));
      if (begun != null) {
        return begun;
      }
    } catch (DuplicateKeyException e) {
      // Another call of the session was first.
    }
    return store.find(shown.session()).orElseThrow();
  }

  private SessionStore.Row beginWithin(Shown shown, Device device, Instant now) {
    Caller caller = shown.caller();
    store.lockPerson(caller);
    Optional<SessionStore.Row> meanwhile = store.find(shown.session());
    if (meanwhile.isPresent()) {
      return meanwhile.get();
    }
    SessionStore.Whose person = SessionStore.Whose.of(caller);
    List<SessionStore.Row> others = openOf(person, now);
    others.stream()
        .skip(settings.perPerson() - 1L)
        .forEach(surplus -> store.end(person, surplus.id(), now));
    String id = UUID.randomUUID().toString();
    SessionStore.Row row =
        new SessionStore.Row(
            id,
            caller.tenant(),
            caller.name(),
            shown.device(),
            sealed.seal(place(id), device.label()),
            now,
            now,
            null);
    store.insert(row, shown.session());
    return row;
  }

  private List<SessionStore.Row> openOf(SessionStore.Whose whose, Instant now) {
    return store.open(whose, now.minus(settings.idle()), now.minus(settings.longest()));
  }

  /** The open sessions of a person, or of all of a tenant. */
  List<SessionView> list(SessionStore.Whose whose) {
    return openOf(whose, clock.instant()).stream().map(this::view).toList();
  }

  private SessionView view(SessionStore.Row row) {
    return new SessionView(
        row.id(), row.tenant(), row.person(), label(row), row.beganAt(), row.lastSeen());
  }

  private String label(SessionStore.Row row) {
    try {
      return sealed.open(place(row.id()), row.label());
    } catch (SealedValues.Unreadable e) {
      return "(sealed with a key that is not here)";
    }
  }

  /**
   * Ends a session, or all of them.
   *
   * @throws ProblemException 404 when there is no such open session
   */
  void end(SessionStore.Whose whose, @Nullable String id) {
    int ended = store.end(whose, id, clock.instant());
    if (ended > 0) {
      known.invalidateAll();
      stillOpen.invalidateAll();
    }
    if (id != null && ended == 0) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such session.");
    }
  }

  /** Seals anew what an older key sealed. */
  ResealAnswer reseal() {
    int resealed = 0;
    int unreadable = 0;
    String after = "";
    List<SessionStore.Label> labels;
    do {
      labels = store.labels(after, RESEALED_AT_ONCE);
      for (SessionStore.Label label : labels) {
        after = label.session();
        if (sealed.isOld(label.sealed())) {
          boolean done = reseal(label);
          resealed += done ? 1 : 0;
          unreadable += done ? 0 : 1;
        }
      }
    } while (labels.size() == RESEALED_AT_ONCE);
    return new ResealAnswer(resealed, sealed.newest(), unreadable);
  }

  private boolean reseal(SessionStore.Label label) {
    String place = place(label.session());
    try {
      store.relabel(label, sealed.seal(place, sealed.open(place, label.sealed())));
      return true;
    } catch (SealedValues.Unreadable e) {
      log.warn("a value stays as it is: {}", e.getMessage());
      return false;
    }
  }

  /** Forgets those whose tokens cannot come any more; false, since one call removes them all. */
  boolean removeOld() {
    store.removeUnseenSince(clock.instant().minus(settings.kept()));
    return false;
  }

  private static String place(String id) {
    return "session/" + id;
  }
}
