@NullMarked
package io.agentmanager.database;

import org.jspecify.annotations.NullMarked;
