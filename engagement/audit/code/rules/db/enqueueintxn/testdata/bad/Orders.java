class Orders {
  @Transactional
  public void pay(Order order) {
    repository.save(order);
    rabbitTemplate.convertAndSend("orders", order.getId()); // want: db.enqueue-in-txn
  }
}
