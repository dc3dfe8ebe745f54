package io.agentmanager.gateway.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.database.KeyRing;
import io.agentmanager.gateway.seal.SealedValues.Unreadable;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SealedValuesTest {
  private static final String FIRST = "1:" + key(1);
  private static final String SECOND = "2:" + key(2);
  private final SealedValues values = sealing(FIRST);

  private static String key(int fill) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) fill);
    return Base64.getEncoder().encodeToString(key);
  }

  private static SealedValues sealing(String keys) {
    return new SealedValues(KeyRing.parse("ENCRYPTION_KEYS", keys, "AES"));
  }

  @Test
  void aValueOpensWhereItWasSealedFor() {
    String sealed = values.seal("session/1", "a device");
    assertThat(sealed).doesNotContain("device");
    assertThat(values.open("session/1", sealed)).isEqualTo("a device");
    assertThat(values.seal("session/1", "a device"))
        .as("never the same twice")
        .isNotEqualTo(sealed);
  }

  @Test
  void aValueThatWasMovedOrChangedDoesNotOpen() {
    String sealed = values.seal("session/1", "a device");
    assertThatThrownBy(() -> values.open("session/2", sealed)).isInstanceOf(Unreadable.class);
    String[] parts = sealed.split("\\.", -1);
    String moved = values.seal("session/2", "x").split("\\.", -1)[0];
    for (String changed :
        new String[] {
          String.join(".", moved, parts[1], parts[2], parts[3], parts[4]),
          String.join(".", parts[0], parts[1], parts[2], "AAAA", parts[4]),
          "nonsense",
          ""
        }) {
      assertThatThrownBy(() -> values.open("session/2", changed)).isInstanceOf(Unreadable.class);
    }
  }

  @Test
  void afterARotationOldValuesOpenAndNewOnesTakeTheNewKey() {
    String old = values.seal("p", "v");
    SealedValues rotated = sealing(SECOND + "," + FIRST);
    assertThat(rotated.open("p", old)).isEqualTo("v");
    assertThat(rotated.isOld(old)).isTrue();
    String resealed = rotated.seal("p", "v");
    assertThat(rotated.isOld(resealed)).isFalse();
    assertThat(sealing(SECOND).open("p", resealed))
        .as("the old key is needed no more")
        .isEqualTo("v");
    assertThatThrownBy(() -> sealing(SECOND).open("p", old))
        .isInstanceOf(Unreadable.class)
        .hasMessageContaining("version 1");
  }
}
