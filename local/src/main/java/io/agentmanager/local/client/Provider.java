package io.agentmanager.local.client;

import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationGrantError;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationRequest;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationResponse;
import com.nimbusds.oauth2.sdk.device.DeviceAuthorizationSuccessResponse;
import com.nimbusds.oauth2.sdk.device.DeviceCodeGrant;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.oauth2.sdk.token.Tokens;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * An identity provider as the command line uses it: the device flow (RFC 8628), and the next access
 * token by the refresh token (RFC 6749, section 6).
 */
final class Provider {
  private static final Duration SLOWER = Duration.ofSeconds(5);
  private static final int SHORT_LIFE_SEC = 60;
  private static final int TIMEOUT_MS = 10_000;
  private final InstantSource clock;

  Provider(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Signs a person in, who confirms a code in a browser.
   *
   * @param show is told where, and which code
   * @throws IOException when the provider does not answer, or the person does not confirm in time
   */
  Login signIn(
      String url, URI issuer, String client, Consumer<DeviceAuthorizationSuccessResponse> show)
      throws IOException, InterruptedException {
    OIDCProviderMetadata endpoints = endpoints(issuer);
    if (endpoints.getDeviceAuthorizationEndpointURI() == null) {
      throw new IOException(issuer + " offers no device flow.");
    }
    DeviceAuthorizationSuccessResponse device =
        device(endpoints.getDeviceAuthorizationEndpointURI(), client);
    show.accept(device);
    AuthorizationGrant grant = new DeviceCodeGrant(device.getDeviceCode());
    Instant end = clock.instant().plusSeconds(device.getLifetime());
    Duration pause = Duration.ofSeconds(device.getInterval());
    while (clock.instant().isBefore(end)) {
      Thread.sleep(pause);
      TokenResponse answer = ask(endpoints.getTokenEndpointURI(), client, grant);
      if (answer.indicatesSuccess()) {
        return login(
            url,
            issuer,
            client,
            endpoints.getTokenEndpointURI(),
            answer.toSuccessResponse().getTokens());
      }
      ErrorObject why = answer.toErrorResponse().getErrorObject();
      if (DeviceAuthorizationGrantError.SLOW_DOWN.equals(why)) {
        pause = pause.plus(SLOWER);
      } else if (!DeviceAuthorizationGrantError.AUTHORIZATION_PENDING.equals(why)) {
        throw new IOException("The identity provider refused: " + told(why) + ".");
      }
    }
    throw new IOException("Nobody confirmed the code in time. Try ./am login again.");
  }

  /**
   * The login with the next access token.
   *
   * @throws IOException when the provider gives none
   */
  Login refreshed(Login login) throws IOException {
    if (login.refreshToken() == null) {
      throw new IOException("The login has ended: ./am login again.");
    }
    TokenResponse answer =
        ask(
            login.tokenEndpoint(),
            login.client(),
            new RefreshTokenGrant(new RefreshToken(login.refreshToken())));
    if (!answer.indicatesSuccess()) {
      throw new IOException(
          "The login has ended (%s): ./am login again."
              .formatted(told(answer.toErrorResponse().getErrorObject())));
    }
    return login(
        login.url(),
        login.issuer(),
        login.client(),
        login.tokenEndpoint(),
        answer.toSuccessResponse().getTokens());
  }

  private Login login(String url, URI issuer, String client, URI tokenEndpoint, Tokens tokens) {
    long life = tokens.getAccessToken().getLifetime();
    return new Login(
        url,
        issuer,
        client,
        tokenEndpoint,
        tokens.getAccessToken().getValue(),
        clock.instant().plusSeconds(life > 0 ? life : SHORT_LIFE_SEC),
        tokens.getRefreshToken() == null ? null : tokens.getRefreshToken().getValue());
  }

  private static OIDCProviderMetadata endpoints(URI issuer) throws IOException {
    try {
      return OIDCProviderMetadata.resolve(new Issuer(issuer), TIMEOUT_MS, TIMEOUT_MS);
    } catch (GeneralException e) {
      throw new IOException(issuer + " is no OpenID Connect issuer: " + e.getMessage(), e);
    }
  }

  private static DeviceAuthorizationSuccessResponse device(URI endpoint, String client)
      throws IOException {
    try {
      DeviceAuthorizationResponse answer =
          DeviceAuthorizationResponse.parse(
              new DeviceAuthorizationRequest.Builder(new ClientID(client))
                  .endpointURI(endpoint)
                  .scope(new Scope("openid"))
                  .build()
                  .toHTTPRequest()
                  .send());
      if (!answer.indicatesSuccess()) {
        throw new IOException(
            "The identity provider refused: "
                + told(answer.toErrorResponse().getErrorObject())
                + ".");
      }
      return answer.toSuccessResponse();
    } catch (ParseException e) {
      throw new IOException("The identity provider's answer is none: " + e.getMessage(), e);
    }
  }

  private static TokenResponse ask(URI endpoint, String client, AuthorizationGrant grant)
      throws IOException {
    try {
      return TokenResponse.parse(
          new TokenRequest.Builder(endpoint, new ClientID(client), grant)
              .build()
              .toHTTPRequest()
              .send());
    } catch (ParseException e) {
      throw new IOException("The identity provider's answer is none: " + e.getMessage(), e);
    }
  }

  private static String told(ErrorObject why) {
    return why.getDescription() == null ? String.valueOf(why.getCode()) : why.getDescription();
  }
}
