package io.agentmanager.http;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/** Asks a service on this machine whether it is ready, for images that have no shell to ask it. */
public final class HealthProbe {
  private static final int PATIENCE_MS = 3_000;
  private static final int OK = 200;

  private HealthProbe() {}

  /** Ends with status 0 when the URL in the first argument answers 200, else with 1. */
  public static void main(String[] args) {
    System.exit(answers(args[0]) ? 0 : 1);
  }

  private static boolean answers(String url) {
    try {
      HttpURLConnection call = (HttpURLConnection) URI.create(url).toURL().openConnection();
      call.setConnectTimeout(PATIENCE_MS);
      call.setReadTimeout(PATIENCE_MS);
      return call.getResponseCode() == OK;
    } catch (IOException e) {
      return false;
    }
  }
}
