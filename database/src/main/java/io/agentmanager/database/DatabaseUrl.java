package io.agentmanager.database;

import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** What a JDBC URL says, apart from who connects. */
record DatabaseUrl(String withoutUser, String database) {
  /**
   * Reads a URL.
   *
   * @throws IllegalArgumentException when it is none of PostgreSQL
   */
  static DatabaseUrl of(String url) {
    Properties parsed = Driver.parseURL(url, null);
    if (parsed == null) {
      throw new IllegalArgumentException("DATABASE_URL is not a JDBC URL of PostgreSQL");
    }
    String bare = url.replaceAll("(?<=[?&])(user|password)=[^&]*&?", "").replaceAll("[?&]$", "");
    return new DatabaseUrl(bare, PGProperty.PG_DBNAME.getOrDefault(parsed));
  }
}
