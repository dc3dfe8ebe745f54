package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.TextEvent;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.contracts.id.WorkflowKey;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Brings the text that models write to whoever watches, at whichever replica. Each replica says in
 * the database which workflows it shows, and looks once a second which ones others show; text of a
 * workflow that nobody watches is dropped with no word to the database. The text in between is the
 * whole so far, so that a look a second loses none of it.
 */
@Component
public class LiveTexts {
  private static final Logger log = LoggerFactory.getLogger(LiveTexts.class);

  /** How far a step's text has come; that of a turn grows. */
  private record Progress(int attempt, int index, int length) implements Comparable<Progress> {
    private static final Comparator<Progress> ORDER =
        Comparator.comparingInt(Progress::attempt)
            .thenComparingInt(Progress::index)
            .thenComparingInt(Progress::length);

    static Progress of(TextEvent text) {
      return new Progress(text.attempt(), text.data().index(), text.data().text().length());
    }

    @Override
    public int compareTo(Progress other) {
      return ORDER.compare(this, other);
    }
  }

  private static final Duration ANNOUNCED = Duration.ofSeconds(10);

  /** In looks: often enough for an announcement to survive a slow one. */
  private static final int ANNOUNCE_EVERY = 3;

  /** In looks: what replicas leave behind when they die takes room, and nothing else. */
  private static final int FORGET_EVERY = 60;

  private final String replica = UUID.randomUUID().toString();
  private final LiveEvents here;
  private final LiveTextStore store;
  private final Map<StepKey, Progress> newest = new ConcurrentHashMap<>();
  private volatile Set<WorkflowKey> elsewhere = Set.of();
  private Set<WorkflowKey> announced = Set.of();
  private long looks;

  LiveTexts(LiveEvents here, LiveTextStore store) {
    this.here = here;
    this.store = store;
  }

  /** Whether somebody watches a workflow, here or elsewhere. */
  public boolean isWatched(WorkflowKey key) {
    return here.isWatched(key) || elsewhere.contains(key);
  }

  /**
   * Shows text to those who watch here, and leaves it for the replicas where others do; where that
   * cannot be, they see the next.
   */
  public void show(WorkflowKey key, TextEvent text) {
    if (here.isWatched(key)) {
      newest.put(step(key, text), Progress.of(text));
      here.show(key, text);
    }
    if (elsewhere.contains(key)) {
      try {
        store.send(replica, new LiveTextStore.Letter(key, text));
      } catch (DataAccessException e) {
        log.debug("text of {} is not shown at other replicas: {}", key, e.toString());
      }
    }
  }

  /** One look: says what is watched here, hears what is elsewhere, and shows what came for here. */
  synchronized void look() {
    Set<WorkflowKey> watched = here.watched();
    announce(watched);
    elsewhere = store.watchedElsewhere(replica);
    if (!watched.isEmpty()) {
      store.receive(replica).stream()
          .filter(letter -> !isOvertaken(letter))
          .forEach(letter -> here.show(letter.workflow(), letter.text()));
    }
    newest.keySet().removeIf(step -> !watched.contains(step.workflow()));
    if (looks % FORGET_EVERY == 0) {
      store.forgetLeft();
    }
    looks++;
  }

  /** Whether what came after it came to this replica, and was shown at once. */
  private boolean isOvertaken(LiveTextStore.Letter letter) {
    Progress shown = newest.get(step(letter.workflow(), letter.text()));
    return shown != null && shown.compareTo(Progress.of(letter.text())) >= 0;
  }

  private static StepKey step(WorkflowKey key, TextEvent text) {
    return new StepKey(key, new StepId(text.stepId()));
  }

  private void announce(Set<WorkflowKey> watched) {
    Set<WorkflowKey> left = new HashSet<>(announced);
    left.removeAll(watched);
    if (!left.isEmpty()) {
      store.withdraw(replica, left);
    }
    if (!watched.isEmpty() && (!announced.containsAll(watched) || looks % ANNOUNCE_EVERY == 0)) {
      store.announce(replica, watched, ANNOUNCED);
    }
    announced = watched;
  }
}
