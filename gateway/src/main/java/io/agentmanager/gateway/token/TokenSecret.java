package io.agentmanager.gateway.token;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What the bearer of an API token sends: {@code amt_} and 256 random bits in 43 characters of
 * base64url, so that scanners find it by {@code amt_[A-Za-z0-9_-]{43}} and nobody guesses it. Being
 * that random, its plain SHA-256 tells nothing about it.
 */
final class TokenSecret {
  private static final String PREFIX = "amt_";
  private static final int BYTES = 32;
  private static final Pattern BEARER = Pattern.compile("[A-Za-z0-9._~+/-]+=*");
  private static final SecureRandom RANDOM = new SecureRandom();

  private TokenSecret() {}

  static String make() {
    byte[] random = new byte[BYTES];
    RANDOM.nextBytes(random);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** Whether it can be sent as a bearer token at all (RFC 6750, section 2.1). */
  static boolean isBearer(String secret) {
    return BEARER.matcher(secret).matches();
  }

  /** What is stored of it. */
  static String hash(String secret) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
