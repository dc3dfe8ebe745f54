package io.agentmanager.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds loopback ports that nobody listens on. They are below those that systems give to outgoing
 * connections by default (RFC 6335, section 6, and Linux' {@code ip_local_port_range}): an outgoing
 * connection could take such a port before whoever got it listens there.
 */
public final class FreePorts {
  private static final int FIRST = 20_000;
  private static final int END = 30_000;
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePorts() {}

  /**
   * A port that was free a moment ago, and that this process got from here only once.
   *
   * @throws IllegalStateException when none was found
   * @throws UncheckedIOException when sockets cannot be opened at all
   */
  public static int next() {
    for (int tries = 0; tries < END - FIRST; tries++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (isFree(port) && GIVEN.add(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no port of " + FIRST + " to " + (END - 1) + " on the loopback address can be had");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (BindException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
