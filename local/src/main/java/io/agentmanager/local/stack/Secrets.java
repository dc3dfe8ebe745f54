package io.agentmanager.local.stack;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * The secrets of an installation, as the services take them.
 *
 * @param internal signs the services' tokens for each other ({@code INTERNAL_TOKEN_SECRET})
 * @param encryptionKeys seal what is kept for tenants ({@code ENCRYPTION_KEYS})
 * @param trailKeys chain the audit trail ({@code TRAIL_KEYS})
 * @param trailSigningKey signs its checkpoints ({@code TRAIL_SIGNING_KEY})
 */
public record Secrets(
    String internal, String encryptionKeys, String trailKeys, String trailSigningKey) {
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Makes new ones. */
  public static Secrets make() {
    return new Secrets(hex(), ring(), ring(), signingKey());
  }

  /** Those of a folder; what it lacks is made, in files of mode 0600. */
  static Secrets open(Path folder) throws IOException {
    return new Secrets(
        kept(folder.resolve("internal-secret"), Secrets::hex),
        kept(folder.resolve("encryption-keys"), Secrets::ring),
        kept(folder.resolve("trail-keys"), Secrets::ring),
        kept(folder.resolve("trail-signing-key"), Secrets::signingKey));
  }

  private static String kept(Path file, Supplier<String> make) throws IOException {
    if (!Files.exists(file)) {
      Path draft =
          Files.createTempFile(
              file.getParent(),
              file.getFileName().toString(),
              ".new",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(draft, make.get());
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip();
  }

  private static String hex() {
    return HexFormat.of().formatHex(random());
  }

  private static String ring() {
    return "1:" + Base64.getEncoder().encodeToString(random());
  }

  private static String signingKey() {
    try {
      return new ECKeyGenerator(Curve.P_256).generate().toJSONString();
    } catch (JOSEException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private static byte[] random() {
    byte[] random = new byte[BYTES];
    RANDOM.nextBytes(random);
    return random;
  }

  @Override
  public String toString() {
    return "Secrets[***]";
  }
}
