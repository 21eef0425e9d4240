<html>
<?php if ($users): ?>
  <ul>
  <?php foreach ($users as $user): ?>
    <li><?= $user->team->name ?> <?php echo $user->posts()->count(); ?></li>
  <?php endforeach; ?>
  </ul>
<?php elseif ($x): ?>
  <?= h($x) ?>
<?php else: ?>
  none
<?php endif ?>
</html>
