"""Questions of ours and of elsewhere, and the learning of what tells them apart."""
