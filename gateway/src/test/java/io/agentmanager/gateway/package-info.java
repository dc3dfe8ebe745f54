@NullMarked
package io.agentmanager.gateway;

import org.jspecify.annotations.NullMarked;
