package io.agentmanager.task.claim;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.agentmanager.contracts.event.WorkflowEvent.StepReady;
import io.agentmanager.contracts.id.TenantId;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Where looks for ready steps begin, by tenant and capability: at the first step that the last look
 * found. What stood before it was handed out, but stays in the index for as long as anybody's old
 * snapshot sees it, and every look would walk past all of it.
 *
 * <p>A step that becomes ready may stand before the place, so the place is forgotten then. Whatever
 * does the same unheard of (a claim rolled back, another replica's event that was lost) is found
 * when the place is too old, by the next of the looks that the desk takes every second in any case.
 */
@Component
class ClaimFloors {
  private static final Duration LIFE = Duration.ofMillis(900);
  private static final int MOST = 10_000;

  private final Map<Shelf, Place> places;

  @Autowired
  ClaimFloors() {
    this(Ticker.systemTicker());
  }

  ClaimFloors(Ticker ticker) {
    places =
        Caffeine.newBuilder()
            .ticker(ticker)
            .maximumSize(MOST)
            .expireAfter(Expiry.<Shelf, Place>creating((shelf, place) -> LIFE))
            .<Shelf, Place>build()
            .asMap();
  }

  private record Shelf(TenantId tenant, String capability) {}

  /**
   * A place in the index. Two are equal only if they are the same, so that one that was forgotten
   * is not mistaken for its successor.
   */
  static final class Place {
    private final int urgency;
    private final long position;

    private Place(int urgency, long position) {
      this.urgency = urgency;
      this.position = position;
    }

    private static Place first() {
      return new Place(Short.MIN_VALUE, Long.MIN_VALUE);
    }

    /** Whether nothing can be found from here. */
    boolean isLast() {
      return urgency == Short.MAX_VALUE && position == Long.MAX_VALUE;
    }

    private static Place last() {
      return new Place(Short.MAX_VALUE, Long.MAX_VALUE);
    }

    /** The negative of a priority. */
    int urgency() {
      return urgency;
    }

    long position() {
      return position;
    }
  }

  /** Where a look begins; to be asked before its snapshot is taken. */
  Place begin(TenantId tenant, String capability) {
    return places.computeIfAbsent(new Shelf(tenant, capability), shelf -> Place.first());
  }

  /** Whether a look would begin at the end, and so find nothing. */
  boolean isAtEnd(TenantId tenant, String capability) {
    Place place = places.get(new Shelf(tenant, capability));
    return place != null && place.isLast();
  }

  /**
   * The next look begins where this one first found something, or at the end if it found nothing,
   * unless a step became ready meanwhile.
   *
   * @param begun where this look began
   * @param found the first step that it found
   */
  void found(
      TenantId tenant, String capability, Place begun, ClaimStore.@Nullable Candidate found) {
    Place next =
        found == null ? Place.last() : new Place(-found.state().priority(), found.position());
    boolean unused = places.replace(new Shelf(tenant, capability), begun, next);
  }

  /**
   * A step that claims are to look for. A look that is under way may have missed it, so what that
   * finds counts no more.
   */
  void becameReady(StepReady ready) {
    var unused =
        places.computeIfPresent(
            new Shelf(ready.tenantId(), ready.capability()),
            (shelf, place) ->
                -ready.priority() <= place.urgency()
                    ? null
                    : new Place(place.urgency(), place.position()));
  }
}
