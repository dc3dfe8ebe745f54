/** What can be checked for certain: pure functions of what the server holds. */
@NullMarked
package io.agentmanager.audit.rule;

import org.jspecify.annotations.NullMarked;
