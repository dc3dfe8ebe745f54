package io.agentmanager.local.client;

import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a person that signed in may show at a gateway.
 *
 * @param url the gateway's
 * @param issuer the identity provider's
 * @param client as which the command line is known there
 * @param tokenEndpoint where the next access token comes from
 * @param accessToken the one that is shown now
 * @param expiresAt when that one is over
 * @param refreshToken gets the next one; null where the provider gives none
 */
record Login(
    String url,
    URI issuer,
    String client,
    URI tokenEndpoint,
    String accessToken,
    Instant expiresAt,
    @Nullable String refreshToken) {

  /** Says who signed in where, and with nothing that could be shown at a gateway. */
  @Override
  public String toString() {
    return "Login[" + url + ", " + issuer + ", " + client + "]";
  }
}
