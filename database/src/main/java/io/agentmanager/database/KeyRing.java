package io.agentmanager.database;

import java.util.Base64;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Secret keys with versions: what is written takes the newest, what was written before still finds
 * its own. Written as {@code 2:BASE64,1:BASE64}, each of 32 bytes.
 */
public final class KeyRing {
  private static final int KEY_BYTES = 32;
  private final NavigableMap<Integer, SecretKey> keys;

  private KeyRing(NavigableMap<Integer, SecretKey> keys) {
    this.keys = keys;
  }

  /**
   * Reads a ring.
   *
   * @param name what the setting is called, for the message
   * @param text the versions and their keys
   * @param algorithm what the keys are for, such as {@code HmacSHA256}
   * @throws IllegalArgumentException when it is empty or malformed; the message shows no key
   */
  public static KeyRing parse(String name, String text, String algorithm) {
    NavigableMap<Integer, SecretKey> keys = new TreeMap<>();
    for (String part : text.strip().split(",", -1)) {
      String[] versioned = part.strip().split(":", 2);
      try {
        byte[] key = Base64.getDecoder().decode(versioned[1]);
        int version = Integer.parseInt(versioned[0]);
        if (key.length != KEY_BYTES || version < 1 || keys.containsKey(version)) {
          throw new IllegalArgumentException();
        }
        keys.put(version, new SecretKeySpec(key, algorithm));
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(
            name
                + " must be VERSION:KEY, or several of them with commas, each key 32 bytes in"
                + " base64, versions from 1, such as 1:$(head -c 32 /dev/urandom | base64)");
      }
    }
    return new KeyRing(keys);
  }

  /** The version that is written with. */
  public int newest() {
    return keys.lastKey();
  }

  /** The key of a version, if it is still known. */
  public Optional<SecretKey> key(int version) {
    return Optional.ofNullable(keys.get(version));
  }

  @Override
  public String toString() {
    return "KeyRing" + keys.keySet();
  }
}
