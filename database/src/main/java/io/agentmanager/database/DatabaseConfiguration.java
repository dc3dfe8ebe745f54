package io.agentmanager.database;

import com.zaxxer.hikari.HikariDataSource;
import io.agentmanager.database.RoleSettings.Login;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/**
 * Three ways to a service's database, none of which can do what another is for: the owner migrates,
 * at the start alone; the engine works on all tenants; what is read for a caller sees one tenant. A
 * service imports it; whoever asks for a {@link DataSource} gets the engine's.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({RoleSettings.class, MigrationSettings.class})
public class DatabaseConfiguration {
  private static final String READ_ONLY = "; SET default_transaction_read_only = on";

  @Bean
  @ConfigurationProperties("spring.datasource.hikari")
  HikariDataSource engineDatabase(DataSourceProperties properties, RoleSettings roles) {
    DatabaseUrl url = DatabaseUrl.of(properties.determineUrl());
    return as(new HikariDataSource(), "engine", url, roles.engineOf(url.database()));
  }

  @Bean(defaultCandidate = false)
  HikariDataSource tenantDatabase(
      DataSourceProperties properties, HikariDataSource engineDatabase, RoleSettings roles) {
    DatabaseUrl url = DatabaseUrl.of(properties.determineUrl());
    HikariDataSource pool = new HikariDataSource();
    engineDatabase.copyStateTo(pool);
    pool.setMaximumPoolSize(roles.tenantConnections());
    pool.setMinimumIdle(1);
    pool.setAutoCommit(false);
    String init = engineDatabase.getConnectionInitSql();
    pool.setConnectionInitSql((init == null ? "SELECT 1" : init) + READ_ONLY);
    return as(pool, "tenant", url, roles.tenantOf(url.database()));
  }

  /** No bean, so that nothing else asks it, whether it is healthy for instance. */
  private static DataSource owner(DataSourceProperties properties) {
    return properties.initializeDataSourceBuilder().type(SimpleDriverDataSource.class).build();
  }

  @Bean
  FlywayConfigurationCustomizer migratesAsOwner(
      DataSourceProperties properties,
      HikariDataSource engineDatabase,
      MigrationSettings settings) {
    return configuration ->
        configuration.dataSource(settings.atStart() ? owner(properties) : engineDatabase);
  }

  @Bean
  FlywayMigrationStrategy migration(
      DataSourceProperties properties, RoleSettings roles, MigrationSettings settings) {
    return flyway -> {
      if (settings.atStart()) {
        migrate(flyway, owner(properties), properties, roles);
      } else {
        new AwaitedSchema(flyway, settings.patience()).await();
      }
    };
  }

  private static void migrate(
      Flyway flyway, DataSource owner, DataSourceProperties properties, RoleSettings roles) {
    flyway.migrate();
    DatabaseUrl url = DatabaseUrl.of(properties.determineUrl());
    new DatabaseRoles(
            owner,
            url.withoutUser(),
            roles.engineOf(url.database()),
            roles.tenantOf(url.database()))
        .ensure();
  }

  @Bean
  @DependsOnDatabaseInitialization
  TenantReads tenantReads(@Qualifier("tenantDatabase") DataSource tenants) {
    return new TenantReads(tenants);
  }

  private static HikariDataSource as(
      HikariDataSource pool, String name, DatabaseUrl url, Login login) {
    pool.setPoolName(name);
    pool.setJdbcUrl(url.withoutUser());
    pool.setUsername(login.user());
    pool.setPassword(login.password());
    return pool;
  }
}
