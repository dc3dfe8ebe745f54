package io.agentmanager.gateway.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.trail.TrailEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private final List<TrailEvent> told = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private final Refusals refusals = new Refusals(told::add, nanos::get);

  private static TrailEvent refusal(String actor, String object, int status) {
    return refusal(new TenantId("acme"), actor, object, status, "127.0.0.1");
  }

  private static TrailEvent refusal(
      TenantId tenant, @Nullable String actor, String object, int status, String origin) {
    return new TrailEvent(
        UUID.randomUUID().toString(),
        Instant.EPOCH,
        tenant,
        actor,
        List.of(),
        "token.create",
        object,
        status,
        1,
        origin,
        "r");
  }

  @Test
  void theFirstIsToldAtOnceAndThoseThatRepeatItShareOneEntry() {
    for (int i = 0; i < 1000; i++) {
      refusals.add(refusal("token:eve", "object-" + i, 403));
    }
    assertThat(told).extracting(TrailEvent::object).containsExactly("object-0");
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
    refusals.add(refusal("token:eve", "later", 403));
    assertThat(told)
        .extracting(TrailEvent::object)
        .containsExactly("object-0", "object-999", "later");
    assertThat(told).extracting(TrailEvent::count).containsExactly(1, 999, 1);
    assertThat(told).extracting(TrailEvent::entryId).doesNotHaveDuplicates();
  }

  @Test
  void refusalsOfOtherKindsAreToldEach() {
    refusals.add(refusal("token:eve", "o", 403));
    refusals.add(refusal("token:eve", "o", 404));
    refusals.add(refusal("token:mallory", "o", 403));
    assertThat(told).hasSize(3);
  }

  @Test
  void whatIsMadeUpTooFastIsCountedForItsTenantAlone() {
    for (int i = 0; i < 2000; i++) {
      refusals.add(refusal(TrailEvent.NOBODYS, null, "o", 401, "origin-" + i));
    }
    int made = told.size();
    assertThat(made).isBetween(500, 600);
    refusals.add(refusal("token:eve", "o", 403));
    assertThat(told).hasSize(made + 1);
    assertThat(told.getLast().count()).isOne();
    refusals.flush();
    assertThat(told.getLast())
        .extracting(TrailEvent::tenantId, TrailEvent::actor, TrailEvent::action, TrailEvent::count)
        .containsExactly(TrailEvent.NOBODYS, null, "refusals.untold", 2000 - made);
  }

  @Test
  void whatWasGatheredIsToldWhenTheGatewayStops() {
    refusals.add(refusal("token:eve", "o", 403));
    refusals.add(refusal("token:eve", "o", 403));
    refusals.flush();
    assertThat(told).extracting(TrailEvent::count).containsExactly(1, 1);
    refusals.flush();
    assertThat(told).hasSize(2);
  }
}
