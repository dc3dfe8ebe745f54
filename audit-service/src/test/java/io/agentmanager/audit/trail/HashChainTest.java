package io.agentmanager.audit.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.agentmanager.audit.TestKeys;
import io.agentmanager.audit.trail.Checkpoints.Statement;
import io.agentmanager.contracts.api.TrailVerification.Fault;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.database.KeyRing;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HashChainTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678901Z");
  private static final InstantSource CLOCK = InstantSource.fixed(AT);
  private final HashChain chain = new HashChain(ring("1:" + key('a')));

  private static KeyRing ring(String text) {
    return KeyRing.parse("TRAIL_KEYS", text, "HmacSHA256");
  }

  private static String key(char letter) {
    byte[] key = Character.toString(letter).repeat(32).getBytes(StandardCharsets.US_ASCII);
    return Base64.getEncoder().encodeToString(key);
  }

  private static TrailEvent event(String id) {
    return new TrailEvent(
        id, AT, ACME, "token:ci", List.of("submitter"), "workflow.cancel", "w", 202, 1, "::1", "r");
  }

  private List<ChainedEntry> chained(int count) {
    List<ChainedEntry> entries = new ArrayList<>();
    byte[] before = HashChain.genesis();
    for (int i = 1; i <= count; i++) {
      ChainedEntry entry = chain.next(event("e" + i), i, before);
      entries.add(entry);
      before = entry.hash();
    }
    return entries;
  }

  private static TrailStore.Head head(ChainedEntry entry) {
    return new TrailStore.Head(ACME, entry.seq(), entry.hash(), 0);
  }

  private static Statement published(ChainedEntry entry) {
    return new Statement(ACME, entry.seq(), entry.hash());
  }

  private List<Fault> verify(
      List<ChainedEntry> entries, TrailStore.@Nullable Head head, Statement... published) {
    VerifyTrail.Walk walk = new VerifyTrail.Walk(chain, Instant.EPOCH);
    List.of(published).forEach(walk::published);
    entries.forEach(walk::take);
    walk.compareEnds(head == null ? List.of() : List.of(head));
    assertThat(walk.outcome().intact()).isEqualTo(walk.outcome().faults().isEmpty());
    return walk.outcome().faults();
  }

  @Test
  void anUntouchedChainIsIntact() {
    List<ChainedEntry> entries = chained(4);
    assertThat(verify(entries, head(entries.get(3)), published(entries.get(1)))).isEmpty();
    assertThat(verify(List.of(), null)).isEmpty();
  }

  static Stream<TrailEvent> changed() {
    TrailEvent e = event("e2");
    return Stream.of(
        copy(e, "other", e.at(), e.actor(), e.roles(), e.action(), e.object(), 202, 1, "::1", "r"),
        copy(
            e, "e2", AT.plusNanos(1000), e.actor(), e.roles(), e.action(), "w", 202, 1, "::1", "r"),
        copy(e, "e2", AT, "token:eve", e.roles(), e.action(), e.object(), 202, 1, "::1", "r"),
        copy(e, "e2", AT, null, e.roles(), e.action(), e.object(), 202, 1, "::1", "r"),
        copy(e, "e2", AT, e.actor(), List.of(), e.action(), e.object(), 202, 1, "::1", "r"),
        copy(e, "e2", AT, e.actor(), e.roles(), "token.create", "w", 202, 1, "::1", "r"),
        copy(e, "e2", AT, e.actor(), e.roles(), e.action(), "v", 202, 1, "::1", "r"),
        copy(e, "e2", AT, e.actor(), e.roles(), e.action(), null, 202, 1, "::1", "r"),
        copy(e, "e2", AT, e.actor(), e.roles(), e.action(), "w", 403, 1, "::1", "r"),
        copy(e, "e2", AT, e.actor(), e.roles(), e.action(), "w", 202, 2, "::1", "r"),
        copy(e, "e2", AT, e.actor(), e.roles(), e.action(), "w", 202, 1, "::2", "r"),
        copy(e, "e2", AT, e.actor(), e.roles(), e.action(), "w", 202, 1, "::1", "s"),
        // The same characters in other fields.
        copy(e, "e2", AT, e.actor(), e.roles(), "workflow.cance", "lw", 202, 1, "::1", "r"));
  }

  private static TrailEvent copy(
      TrailEvent e,
      String id,
      Instant at,
      @Nullable String actor,
      List<String> roles,
      String action,
      @Nullable String object,
      int status,
      int count,
      String origin,
      String request) {
    return new TrailEvent(
        id, at, e.tenantId(), actor, roles, action, object, status, count, origin, request);
  }

  @ParameterizedTest
  @MethodSource("changed")
  void aChangeOfAnyFieldIsFound(TrailEvent changed) {
    List<ChainedEntry> entries = chained(3);
    ChainedEntry honest = entries.get(1);
    entries.set(1, new ChainedEntry(changed, 2, honest.keyVersion(), honest.hash()));
    assertThat(verify(entries, head(entries.get(2))))
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(2L, "changed"));
  }

  @Test
  void anEntryThatIsLeftOutIsFound() {
    List<ChainedEntry> entries = chained(5);
    ChainedEntry last = entries.get(4);
    entries.subList(1, 3).clear();
    assertThat(verify(entries, head(last)))
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(2L, "missing"));
  }

  @Test
  void entriesThatMoveUpToHideAGapAreFound() {
    List<ChainedEntry> entries = chained(3);
    ChainedEntry third = entries.get(2);
    entries.set(1, new ChainedEntry(third.event(), 2, third.keyVersion(), third.hash()));
    entries.remove(2);
    assertThat(verify(entries, head(entries.get(1))))
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(2L, "changed"));
  }

  @Test
  void aChainThatIsCutOffIsFoundByItsHead() {
    List<ChainedEntry> entries = chained(5);
    assertThat(verify(entries.subList(0, 3), head(entries.get(4))))
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(4L, "truncated"));
  }

  @Test
  void aChainThatIsCutOffWithItsHeadIsFoundByWhatWasPublished() {
    List<ChainedEntry> entries = chained(5);
    assertThat(verify(entries.subList(0, 3), head(entries.get(2)), published(entries.get(3))))
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(4L, "truncated"));
    assertThat(verify(List.of(), null, published(entries.get(3))))
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(1L, "truncated"));
    assertThat(verify(entries, null)).extracting(Fault::kind).containsExactly("missing");
  }

  @Test
  void aChainThatIsMadeAnewWithTheKeyIsFoundByWhatWasPublished() {
    List<ChainedEntry> honest = chained(3);
    ChainedEntry first = chain.next(event("forged"), 1, HashChain.genesis());
    ChainedEntry second = chain.next(event("e2"), 2, first.hash());
    ChainedEntry third = chain.next(event("e3"), 3, second.hash());
    assertThat(verify(List.of(first, second, third), head(third))).isEmpty();
    assertThat(verify(List.of(first, second, third), head(third), published(honest.get(1))))
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(2L, "changed"));
  }

  @Test
  void whatAnOlderKeyChainedStaysGoodAfterTheKeysWereRotated() {
    List<ChainedEntry> entries = chained(2);
    HashChain rotated = new HashChain(ring("1:" + key('a') + ",2:" + key('b')));
    ChainedEntry third = rotated.next(event("e3"), 3, entries.get(1).hash());
    assertThat(third.keyVersion()).isEqualTo(2);
    assertThat(rotated.fits(entries.get(1), entries.get(0).hash())).isTrue();
    assertThat(rotated.fits(third, entries.get(1).hash())).isTrue();
    assertThat(chain.fits(third, entries.get(1).hash())).as("the key is not known").isFalse();
  }

  @Test
  void entriesThatNoPublishedHeadCoversForLongAndThoseOfAnUnknownKeyAreNotTakenForIntact() {
    List<ChainedEntry> entries = chained(3);
    VerifyTrail.Walk walk = new VerifyTrail.Walk(chain, AT.plusSeconds(1));
    walk.published(published(entries.get(1)));
    entries.forEach(walk::take);
    walk.compareEnds(List.of(head(entries.get(2))));
    assertThat(walk.outcome().faults())
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(3L, "unverifiable"));
    HashChain other = new HashChain(ring("2:" + key('b')));
    VerifyTrail.Walk unknown = new VerifyTrail.Walk(other, Instant.EPOCH);
    entries.forEach(unknown::take);
    unknown.compareEnds(List.of(head(entries.get(2))));
    assertThat(unknown.outcome().faults())
        .extracting(Fault::seq, Fault::kind)
        .containsExactly(tuple(1L, "unverifiable"));
  }

  @Test
  void keysThatAreNoneAreRefusedWithoutShowingThem() {
    for (String bad :
        List.of("", "1", "1:short", "0:" + key('a'), "1:" + key('a') + ",1:" + key('b'))) {
      assertThatThrownBy(() -> ring(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("TRAIL_KEYS must be")
          .message()
          .doesNotContain(key('a'));
    }
    assertThatThrownBy(() -> Checkpoints.parse("{}", CLOCK))
        .hasMessageContaining("TRAIL_SIGNING_KEY");
  }

  @Test
  void aCheckpointIsReadOnlyIfWeSignedIt() {
    Checkpoints ours = Checkpoints.parse(TestKeys.SIGNING, CLOCK);
    Checkpoints others = Checkpoints.parse(TestKeys.signing(), CLOCK);
    String signed = ours.sign(new Statement(ACME, 7, HashChain.genesis()));
    assertThat(ours.read(signed + "\n"))
        .hasValueSatisfying(
            s -> {
              assertThat(s.tenant()).isEqualTo(ACME);
              assertThat(s.seq()).isEqualTo(7);
              assertThat(s.hash()).isEqualTo(HashChain.genesis());
            });
    assertThat(others.read(signed)).isEmpty();
    assertThat(ours.read("nonsense")).isEmpty();
    String unsigned =
        Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + signed.split("\\.")[1]
            + ".";
    assertThat(ours.read(unsigned)).isEmpty();
  }

  @Test
  void aSetOfSigningKeysTakesWhatTheOlderOnesSigned() {
    String older = TestKeys.signing();
    String signed =
        Checkpoints.parse(older, CLOCK).sign(new Statement(ACME, 1, HashChain.genesis()));
    Checkpoints both =
        Checkpoints.parse("{\"keys\":[" + TestKeys.signing() + "," + older + "]}", CLOCK);
    assertThat(both.read(signed)).isPresent();
  }
}
