/** What a service depends on, looked at when somebody asks. */
@NullMarked
package io.agentmanager.diagnostics;

import org.jspecify.annotations.NullMarked;
