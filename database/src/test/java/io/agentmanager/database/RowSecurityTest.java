package io.agentmanager.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.database.RoleSettings.Login;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class RowSecurityTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId OTHER = new TenantId("other");
  private static final RoleSettings SETTINGS =
      new RoleSettings("a secret", new Login("", ""), new Login("", ""), 2);
  private static final Login ENGINE = SETTINGS.engineOf("wall");
  private static final Login TENANT = SETTINGS.tenantOf("wall");

  private static EmbeddedPostgreSql server;
  private static String url;
  private static DataSource owner;
  private static JdbcTemplate asOwner;
  private static HikariDataSource tenants;
  private static TenantReads reads;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = EmbeddedPostgreSql.start(folder.resolve("postgres"), FreePorts.next());
    String ownerUrl = server.database("wall");
    url = DatabaseUrl.of(ownerUrl).withoutUser();
    owner = new DriverManagerDataSource(ownerUrl);
    asOwner = new JdbcTemplate(owner);
    asOwner.execute(
        """
        CREATE TABLE thing (tenant_id text NOT NULL, body text NOT NULL);
        CREATE TABLE of_the_engine (name text NOT NULL);
        CREATE TABLE entry (tenant_id text NOT NULL, n bigint GENERATED ALWAYS AS IDENTITY);
        COMMENT ON TABLE entry IS 'append-only: for ever';
        INSERT INTO thing VALUES ('acme', 'ours'), ('other', 'theirs')
        """);
    needPasswords(folder.resolve("postgres"));
    roles(ENGINE, TENANT).ensure();
    HikariConfig pool = new HikariConfig();
    pool.setJdbcUrl(url);
    pool.setUsername(TENANT.user());
    pool.setPassword(TENANT.password());
    pool.setMaximumPoolSize(1);
    pool.setAutoCommit(false);
    tenants = new HikariDataSource(pool);
    reads = new TenantReads(tenants);
  }

  @AfterAll
  static void stop() throws Exception {
    tenants.close();
    server.close();
  }

  /** The roles have to give their passwords; whoever else connects is trusted. */
  private static void needPasswords(Path data) throws Exception {
    Path rules = data.resolve("pg_hba.conf");
    Files.writeString(
        rules,
        "host all wall_engine,wall_tenant 127.0.0.1/32 scram-sha-256\n" + Files.readString(rules));
    asOwner.execute("SELECT pg_reload_conf()");
  }

  private static DatabaseRoles roles(Login engine, Login tenant) {
    return new DatabaseRoles(owner, url, engine, tenant);
  }

  private static JdbcTemplate as(Login login) {
    return new JdbcTemplate(new DriverManagerDataSource(url, login.user(), login.password()));
  }

  /** As docs/operations.md restores one: the roles are the server's, and outlive it. */
  @Test
  void aDatabaseThatWasMadeAnewTakesInTheRolesThatThereAre() {
    String ownerUrl = server.database("anew");
    String anew = DatabaseUrl.of(ownerUrl).withoutUser();
    asOwner.execute("REVOKE CONNECT ON DATABASE anew FROM PUBLIC");
    JdbcTemplate engine =
        new JdbcTemplate(new DriverManagerDataSource(anew, ENGINE.user(), ENGINE.password()));
    assertThatThrownBy(() -> engine.queryForObject("SELECT 1", Integer.class))
        .hasStackTraceContaining("permission denied for database");
    new DatabaseRoles(new DriverManagerDataSource(ownerUrl), anew, ENGINE, TENANT).ensure();
    assertThat(engine.queryForObject("SELECT 1", Integer.class)).isEqualTo(1);
  }

  private static List<String> bodiesOf(TenantId tenant) {
    return reads.query(tenant, "SELECT body FROM thing", (row, n) -> row.getString(1));
  }

  @Test
  void aQueryThatForgetsItsTenantSeesThatTenantAlone() {
    assertThat(bodiesOf(ACME)).containsExactly("ours");
    assertThat(bodiesOf(OTHER)).containsExactly("theirs");
    assertThat(bodiesOf(new TenantId("nobody"))).isEmpty();
  }

  @Test
  void aQueryIsOfItsTenantHoweverOftenItIsRepeated() {
    for (int i = 0; i < 20; i++) {
      assertThat(bodiesOf(ACME)).containsExactly("ours");
      assertThat(bodiesOf(OTHER)).containsExactly("theirs");
    }
  }

  @Test
  void aQueryForAnotherTenantFindsNothing() {
    assertThat(reads.any(ACME, "SELECT 1 FROM thing WHERE tenant_id = ?", "other")).isFalse();
    assertThat(reads.any(ACME, "SELECT 1 FROM thing WHERE tenant_id = ?", "acme")).isTrue();
  }

  @Test
  void withoutATenantNothingIsSeen() {
    assertThat(bodiesOf(ACME)).hasSize(1);
    assertThat(new JdbcTemplate(tenants).queryForList("SELECT body FROM thing"))
        .as("the tenant of the read before was of its transaction alone")
        .isEmpty();
  }

  @Test
  void aReadCanNeitherWriteNorBecomeSomebodyElse() {
    for (String sql :
        List.of(
            "INSERT INTO thing VALUES ('acme', 'x') RETURNING 1",
            "UPDATE thing SET body = 'x' RETURNING 1",
            "DELETE FROM thing RETURNING 1",
            "SELECT name FROM of_the_engine")) {
      assertThatThrownBy(() -> reads.any(ACME, sql))
          .rootCause()
          .hasMessageContaining("permission denied");
    }
    JdbcTemplate raw = as(TENANT);
    assertThatThrownBy(() -> raw.execute("SET ROLE wall_engine"))
        .rootCause()
        .hasMessageContaining("permission denied");
    assertThatThrownBy(() -> raw.execute("ALTER TABLE thing DISABLE ROW LEVEL SECURITY"))
        .rootCause()
        .hasMessageContaining("must be owner");
    assertThatThrownBy(() -> raw.execute("SET row_security = off; SELECT * FROM thing"))
        .rootCause()
        .hasMessageContaining("row-level security");
  }

  @Test
  void theEngineWorksOnAllTenantsAndOwnsNothing() {
    JdbcTemplate engine = as(ENGINE);
    assertThat(engine.queryForList("SELECT body FROM thing", String.class))
        .contains("ours", "theirs");
    assertThatThrownBy(() -> engine.execute("ALTER TABLE thing NO FORCE ROW LEVEL SECURITY"))
        .rootCause()
        .hasMessageContaining("must be owner");
    assertThat(
            asOwner.queryForList(
                "SELECT rolname FROM pg_roles WHERE rolname LIKE 'wall%' AND (rolsuper OR"
                    + " rolbypassrls)"))
        .isEmpty();
  }

  @Test
  void whatIsAppendOnlyCannotBeChangedByTheEngine() {
    JdbcTemplate engine = as(ENGINE);
    engine.update("INSERT INTO entry (tenant_id) VALUES ('acme')");
    for (String sql : List.of("UPDATE entry SET tenant_id = 'x'", "DELETE FROM entry")) {
      assertThatThrownBy(() -> engine.update(sql))
          .rootCause()
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void aTableOfALaterMigrationIsWalledAtTheNextStart() {
    asOwner.execute(
        "CREATE TABLE later (tenant_id text NOT NULL); INSERT INTO later VALUES ('other')");
    assertThatThrownBy(() -> reads.any(ACME, "SELECT 1 FROM later"))
        .isInstanceOf(DataAccessException.class);
    roles(ENGINE, TENANT).ensure();
    assertThat(reads.any(ACME, "SELECT 1 FROM later")).isFalse();
    assertThat(reads.any(OTHER, "SELECT 1 FROM later")).isTrue();
  }

  @Test
  void aNewPasswordTakesThePlaceOfTheOneBefore() {
    Login renewed = new Login("wall_engine", "another password");
    roles(renewed, TENANT).ensure();
    assertThat(as(renewed).queryForObject("SELECT current_user", String.class))
        .isEqualTo("wall_engine");
    roles(ENGINE, TENANT).ensure();
    assertThatThrownBy(() -> as(renewed).execute("SELECT 1"))
        .rootCause()
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void aRoleThatCouldPassTheWallByIsRefused() {
    asOwner.execute("CREATE ROLE passes_by LOGIN BYPASSRLS PASSWORD 'p'");
    asOwner.execute("CREATE ROLE may_become LOGIN PASSWORD 'p' IN ROLE wall_engine");
    assertThatThrownBy(() -> roles(new Login("passes_by", "p"), TENANT).ensure())
        .hasMessageContaining("passes_by could pass row-level security by");
    asOwner.execute("CREATE ROLE of_the_owner LOGIN PASSWORD 'p' IN ROLE postgres");
    assertThatThrownBy(() -> roles(ENGINE, new Login("of_the_owner", "p")).ensure())
        .hasMessageContaining("of_the_owner could pass row-level security by");
    assertThatThrownBy(() -> roles(ENGINE, new Login("may_become", "p")).ensure())
        .hasMessageContaining("may_become may become wall_engine");
  }

  @Test
  void namesThatAreNoneAndMissingSecretsAreRefused() {
    assertThatThrownBy(() -> roles(new Login("x; DROP TABLE thing", "p"), TENANT).ensure())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> roles(ENGINE, ENGINE)).isInstanceOf(IllegalArgumentException.class);
    RoleSettings none = new RoleSettings("", new Login("", ""), new Login("", ""), 2);
    assertThatThrownBy(() -> none.engineOf("wall")).hasMessageContaining("DATABASE_ROLE_SECRET");
    assertThatThrownBy(() -> DatabaseUrl.of("jdbc:h2:mem:x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aUrlIsReadWithoutWhoConnects() {
    assertThat(DatabaseUrl.of("jdbc:postgresql://h:5/task?user=u&password=p&ssl=true"))
        .isEqualTo(new DatabaseUrl("jdbc:postgresql://h:5/task?ssl=true", "task"));
    assertThat(DatabaseUrl.of("jdbc:postgresql://h:5/task?ssl=true&user=u").withoutUser())
        .isEqualTo("jdbc:postgresql://h:5/task?ssl=true");
    assertThat(DatabaseUrl.of("jdbc:postgresql://h/task?user=u").withoutUser())
        .isEqualTo("jdbc:postgresql://h/task");
  }
}
