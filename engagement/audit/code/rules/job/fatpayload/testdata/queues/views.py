def create(request):
    serializer = OrderSerializer(data=request.data)
    send_order.delay(serializer.data)  # want: job.fat-payload
