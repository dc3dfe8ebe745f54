package io.agentmanager.audit;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Keys of the trail for tests. */
public final class TestKeys {
  /** A ring with one key. */
  public static final String RING =
      "1:"
          + Base64.getEncoder()
              .encodeToString(
                  "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

  /** A signing key. */
  public static final String SIGNING = signing();

  private TestKeys() {}

  /** Another signing key. */
  public static String signing() {
    try {
      return new ECKeyGenerator(Curve.P_256).generate().toJSONString();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }
}
