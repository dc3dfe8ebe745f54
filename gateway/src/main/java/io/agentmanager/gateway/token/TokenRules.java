package io.agentmanager.gateway.token;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.api.TokenRequest;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a new token may be, and who may make it. */
final class TokenRules {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Pattern CAPABILITY = Pattern.compile("[A-Za-z0-9._:@-]{1,100}");
  private static final int MOST_CAPABILITIES = 100;

  private TokenRules() {}

  /**
   * Checks the form.
   *
   * @throws ProblemException 422 that names each fault
   */
  static void check(TokenRequest request, Instant now) {
    List<Problem.Fault> faults = new ArrayList<>();
    if (request.name() == null || !NAME.matcher(request.name()).matches()) {
      faults.add(new Problem.Fault("/name", "must have 1 to 100 of A-Z a-z 0-9 . _ -"));
    }
    if (request.tenant() != null && !TenantId.isOne(request.tenant())) {
      faults.add(new Problem.Fault("/tenant", "must have 1 to 64 of A-Z a-z 0-9 . _ -"));
    }
    List<Role> roles = distinct(request.roles());
    if (roles.isEmpty() || roles.contains(null)) {
      faults.add(new Problem.Fault("/roles", "must name at least one role"));
    }
    if (request.capabilities() != null && !areCapabilities(request.capabilities())) {
      faults.add(
          new Problem.Fault(
              "/capabilities", "must be 1 to 100, each 1 to 100 of A-Z a-z 0-9 . _ : @ -"));
    }
    if (request.expiresAt() != null && !request.expiresAt().isAfter(now)) {
      faults.add(new Problem.Fault("/expires_at", "must be in the future"));
    }
    if (!faults.isEmpty()) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST.faults("The token cannot be made so.", faults));
    }
  }

  /**
   * Nobody gives what it has not got: another tenant, the role of an operator, capabilities that
   * its own token is not bound to.
   *
   * @throws ProblemException 403
   */
  static void checkReach(Caller caller, TokenRequest request) {
    boolean elsewhere =
        request.tenant() != null && !request.tenant().equals(caller.tenant().value());
    boolean reachesOut = elsewhere || distinct(request.roles()).contains(Role.OPERATOR);
    if (reachesOut && !isOperator(caller)) {
      throw ProblemException.of(
          ProblemType.FORBIDDEN,
          "Only an operator makes tokens for other tenants, or for operators.");
    }
    checkBinding(caller, distinct(request.capabilities()));
  }

  /**
   * A token that is bound to capabilities hands out no secret of one that is not bound to those.
   *
   * @param capabilities of the other token; none means any
   * @throws ProblemException 403
   */
  static void checkBinding(Caller caller, List<String> capabilities) {
    if (!caller.capabilities().isEmpty() && capabilities.isEmpty()) {
      throw ProblemException.of(
          ProblemType.FORBIDDEN, "Your token is bound to capabilities, and this one would not be.");
    }
    caller.requireCapabilities(capabilities);
  }

  static boolean isOperator(Caller caller) {
    return caller.roles().contains(Role.OPERATOR.wireName());
  }

  static <T extends @Nullable Object> List<T> distinct(@Nullable List<T> list) {
    return list == null ? List.of() : list.stream().distinct().toList();
  }

  private static boolean areCapabilities(List<String> capabilities) {
    return !capabilities.isEmpty()
        && capabilities.size() <= MOST_CAPABILITIES
        && capabilities.stream().allMatch(c -> c != null && CAPABILITY.matcher(c).matches());
  }
}
