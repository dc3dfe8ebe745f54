package io.agentmanager.http;

import org.springframework.http.client.ReactorResourceFactory;

/**
 * The event loops of the process, which stay while it runs. Several services may run in one: the
 * first that stopped would take them from the others, whose servers then wait in vain for what is
 * open to end, and nobody waits for the quiet period of their end. They are daemons, and end with
 * the process.
 */
public final class LastingEventLoops extends ReactorResourceFactory {
  @Override
  public void stop() {
    // Nothing: see above.
  }
}
