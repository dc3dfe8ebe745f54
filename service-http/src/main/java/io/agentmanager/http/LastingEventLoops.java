package io.agentmanager.http;

import org.springframework.http.client.ReactorResourceFactory;

/**
 * The event loops of the process, which stay while it runs. Several services may share a process:
 * the first that stopped would take the loops from the others, whose servers then waited in vain
 * for what is open to end. The loops are daemons and end with the process, so that no service waits
 * for their end either.
 */
public final class LastingEventLoops extends ReactorResourceFactory {
  @Override
  public void stop() {
    // Nothing: see above.
  }
}
