/** What a service does with every request: identity, name, problems. */
@NullMarked
package io.agentmanager.http;

import org.jspecify.annotations.NullMarked;
