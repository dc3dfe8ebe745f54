package io.agentmanager.gateway.seal;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import io.agentmanager.database.KeyRing;
import java.text.ParseException;
import javax.crypto.SecretKey;

/**
 * Seals values as JSON Web Encryption (RFC 7516, compact; {@code dir} with A256GCM), which names
 * the version of its key. A value is sealed for one place and opens nowhere else.
 */
public final class SealedValues {
  private static final String PLACE = "place";
  private final KeyRing keys;

  /** Seals with the newest key of the ring. */
  public SealedValues(KeyRing keys) {
    this.keys = keys;
  }

  /** A value that cannot be opened: changed, moved, or sealed with a key that is gone. */
  public static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreadable(String why) {
      super(why);
    }
  }

  /**
   * Seals a value.
   *
   * @param place where it is kept, such as {@code session/ID}
   */
  public String seal(String place, String value) {
    int version = keys.newest();
    JWEHeader header =
        new JWEHeader.Builder(JWEAlgorithm.DIR, EncryptionMethod.A256GCM)
            .keyID(Integer.toString(version))
            .customParam(PLACE, place)
            .build();
    JWEObject sealed = new JWEObject(header, new Payload(value));
    try {
      sealed.encrypt(new DirectEncrypter(keys.key(version).orElseThrow()));
      return sealed.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot seal a value", e);
    }
  }

  /**
   * Opens a value.
   *
   * @throws Unreadable when it was not sealed for that place with a key that is known
   */
  public String open(String place, String sealed) {
    try {
      JWEObject value = JWEObject.parse(sealed);
      if (!JWEAlgorithm.DIR.equals(value.getHeader().getAlgorithm())
          || !place.equals(value.getHeader().getCustomParam(PLACE))) {
        throw new Unreadable("the value was not sealed for " + place);
      }
      value.decrypt(new DirectDecrypter(key(value)));
      return value.getPayload().toString();
    } catch (ParseException | JOSEException e) {
      throw new Unreadable("the value at " + place + " cannot be opened: " + e.getMessage());
    }
  }

  /** Whether it is sealed with a key that is older than the newest. */
  public boolean isOld(String sealed) {
    try {
      return version(JWEObject.parse(sealed)) < keys.newest();
    } catch (ParseException e) {
      return true;
    }
  }

  /** The version that values are sealed with now. */
  public int newest() {
    return keys.newest();
  }

  private SecretKey key(JWEObject value) {
    int version = version(value);
    return keys.key(version)
        .orElseThrow(() -> new Unreadable("there is no key of version " + version));
  }

  private static int version(JWEObject value) {
    try {
      return Integer.parseInt(String.valueOf(value.getHeader().getKeyID()));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
