package io.agentmanager.worker.tool;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What a program wrote so far: the beginning, and how much there was. */
final class CommandOutput {
  private static final int CHUNK = 8_192;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final int most;
  private long all;

  CommandOutput(int most) {
    this.most = most;
  }

  /** Reads to the end, or until the stream is closed; what was read stays. */
  void readAll(InputStream output) {
    byte[] chunk = new byte[CHUNK];
    try {
      for (int n = output.read(chunk); n >= 0; n = output.read(chunk)) {
        keep(chunk, n);
      }
    } catch (IOException e) {
      // A program that was killed says no more.
    }
  }

  private synchronized void keep(byte[] chunk, int length) {
    all += length;
    kept.write(chunk, 0, Math.min(length, most - kept.size()));
  }

  synchronized String text() {
    String text = kept.toString(StandardCharsets.UTF_8);
    return all <= kept.size()
        ? text
        : text + "\n[... the first " + most + " of " + all + " bytes of output]";
  }
}
