/** Chat models by configuration, and what their calls cost. */
@NullMarked
package io.agentmanager.models;

import org.jspecify.annotations.NullMarked;
