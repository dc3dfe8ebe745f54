package io.agentmanager.audit.trail;

import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.database.KeyRing;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The chain of a tenant's entries: each hash is an HMAC-SHA256 (RFC 2104) over the hash before and
 * every field of the entry, each with its length, so that no two entries read the same. Who changes
 * an entry without the key cannot make its hash, and who leaves one out breaks the next.
 */
final class HashChain {
  private static final String MAC = "HmacSHA256";
  private static final int FORMAT = 1;
  private final KeyRing keys;

  HashChain(KeyRing keys) {
    this.keys = keys;
  }

  /** What comes before the first entry. */
  static byte[] genesis() {
    return new byte[32];
  }

  /** The entry that follows. */
  ChainedEntry next(TrailEvent event, long seq, byte[] before) {
    int version = keys.newest();
    SecretKey key = keys.key(version).orElseThrow();
    return new ChainedEntry(event, seq, version, hash(key, event, seq, version, before));
  }

  /** Whether the key that an entry was chained with is known here. */
  boolean knowsKeyOf(ChainedEntry entry) {
    return keys.key(entry.keyVersion()).isPresent();
  }

  /** Whether the entry is what was chained after that hash. */
  boolean fits(ChainedEntry entry, byte[] before) {
    Optional<SecretKey> key = keys.key(entry.keyVersion());
    return key.isPresent()
        && MessageDigest.isEqual(
            entry.hash(), hash(key.get(), entry.event(), entry.seq(), entry.keyVersion(), before));
  }

  private static byte[] hash(
      SecretKey key, TrailEvent event, long seq, int version, byte[] before) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      return mac.doFinal(encoded(event, seq, version, before));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + MAC, e);
    }
  }

  private static byte[] encoded(TrailEvent event, long seq, int version, byte[] before) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(FORMAT);
      out.writeInt(version);
      out.write(before);
      out.writeLong(seq);
      text(out, event.tenantId().value());
      text(out, event.entryId());
      out.writeLong(ChronoUnit.MICROS.between(Instant.EPOCH, event.at()));
      text(out, event.actor());
      out.writeInt(event.roles().size());
      for (String role : event.roles()) {
        text(out, role);
      }
      text(out, event.action());
      text(out, event.object());
      out.writeInt(event.status());
      out.writeInt(event.count());
      text(out, event.origin());
      text(out, event.requestId());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void text(DataOutputStream out, @Nullable String text) throws IOException {
    if (text == null) {
      out.writeInt(-1);
      return;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }
}
